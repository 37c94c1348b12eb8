// For every piece of our HTML: data-act names the act; copying, turning pages and finding a passage need no
// server. What an act becomes is an event of Gradio's.
const EVENTS = {
  judge: 'like',
  example: 'submit',
  'as-typed': 'submit',
  save: 'submit',
  paper: 'expand',
  remove: 'delete',
  open: 'upload',
  rank: 'edit',
  promote: 'apply',
};

const say = (target, text) => {
  const old = target.textContent;
  target.textContent = text;
  setTimeout(() => { target.textContent = old; }, 1500);
};

const copy = async (target) => {
  const text = target.dataset.copyPath ? location.origin + target.dataset.copyPath : target.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch (error) {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  say(target, '✓');
};

const turnPage = (target) => {
  const box = target.closest('.kg-pages');
  const page = Number(target.dataset.page);
  const pages = Number(box.dataset.pages);
  box.querySelector('img').src = box.dataset.base.replace('{page}', page);
  const label = box.dataset.label.replace('{page}', page);
  box.querySelector('[role=status]').textContent = label;
  box.querySelector('img').alt = label;
  const [before, after] = box.querySelectorAll('[data-act=page]');
  before.dataset.page = page - 1;
  before.disabled = page <= 1;
  after.dataset.page = page + 1;
  after.disabled = page >= pages;
};

const read = (target) => {
  const found = document.getElementById('passage-' + encodeURIComponent(target.dataset.passage));
  if (!found) return;
  for (let fold = found.closest('details'); fold; fold = fold.parentElement.closest('details')) {
    fold.open = true;
  }
  found.setAttribute('tabindex', '-1');
  found.scrollIntoView({ block: 'center' });
  found.focus();
};

const act = (event) => {
  const target = event.target.closest('[data-act]');
  if (!target || target.disabled || target.tagName === 'SELECT') return;
  event.preventDefault();
  const name = target.dataset.act;
  if (name === 'copy') { copy(target); return; }
  if (name === 'page') { turnPage(target); return; }
  if (name === 'read') { read(target); return; }
  if (name === 'years') {
    const year = (end) => element.querySelector(`[data-year=${end}]`)?.value.trim();
    const [low, high] = ['from', 'to'].map(year);
    trigger('select', { act: 'years', year_from: low, year_to: high });
    return;
  }
  const kind = target.dataset.kind;
  const leaves = name === 'node' && (kind === 'Document' || kind === 'Passage');
  trigger(leaves ? 'expand' : EVENTS[name] || 'select', { ...target.dataset });
};

element.addEventListener('click', act);
element.addEventListener('change', (event) => {
  const target = event.target.closest('select[data-act]');
  if (target) trigger('select', { ...target.dataset, value: target.value });
});
element.addEventListener('keydown', (event) => {
  const pressed = event.key === 'Enter' || event.key === ' ';
  if (pressed && event.target.closest('svg [data-act]')) act(event);
});
