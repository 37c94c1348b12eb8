const LIVE_MS = 2000;
const list = document.querySelector('#kg-batches');
if (list) {
  setInterval(async () => {
    const busy = list.contains(document.activeElement) || list.querySelector('details[open]');
    if (document.hidden || busy) return;
    const found = await fetch('/admin/batches/live', { headers: { accept: 'text/html' } });
    if (found.ok) list.innerHTML = await found.text();
  }, LIVE_MS);
}
document.addEventListener('submit', (event) => {
  const asked = event.target.dataset.really;
  if (asked && !confirm(asked)) event.preventDefault();
});
document.querySelectorAll('form[data-upload]').forEach((form) => {
  form.addEventListener('submit', () => form.setAttribute('aria-busy', 'true'));
});
// Files may be dropped on the form, folders with all that is in them.
const filesOf = async (entry) => {
  if (entry.isFile) return [await new Promise((done, fail) => entry.file(done, fail))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return (await Promise.all(found.map(filesOf))).flat();
    found.push(...some);
  }
};
document.querySelectorAll('form[data-upload]').forEach((form) => {
  const input = form.querySelector('input[type=file][multiple]');
  if (!input) return;
  form.dataset.drop = '1';
  form.addEventListener('dragover', (event) => { event.preventDefault(); form.classList.add('kg-over'); });
  form.addEventListener('dragleave', () => form.classList.remove('kg-over'));
  form.addEventListener('drop', async (event) => {
    event.preventDefault();
    form.classList.remove('kg-over');
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    const given = new DataTransfer();
    (await Promise.all(entries.map(filesOf))).flat().forEach((file) => given.items.add(file));
    input.files = given.files;
    form.querySelector('[data-chosen]').textContent = String(given.files.length);
  });
  input.addEventListener('change', () => {
    form.querySelector('[data-chosen]').textContent = String(input.files.length);
  });
});
