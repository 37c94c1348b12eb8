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
