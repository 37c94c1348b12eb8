"""The pages' few lines of JavaScript: what is chosen in our own HTML becomes an event of Gradio's.

Knows the names of acts; nothing of what they do.
"""

from __future__ import annotations

ACTS = """
const EVENTS = {judge: 'like', example: 'submit', 'as-typed': 'submit', save: 'submit', paper: 'expand', remove: 'delete', open: 'upload', rank: 'edit', promote: 'apply'};
const say = (target, text) => { const old = target.textContent; target.textContent = text; setTimeout(() => { target.textContent = old; }, 1500); };
const copy = async (target) => {
  const text = target.dataset.copyPath ? location.origin + target.dataset.copyPath : target.dataset.copy;
  try { await navigator.clipboard.writeText(text); } catch (error) {
    const area = document.createElement('textarea');
    area.value = text; document.body.append(area); area.select(); document.execCommand('copy'); area.remove();
  }
  say(target, '✓');
};
const turnPage = (target) => {
  const box = target.closest('.kg-pages'), page = Number(target.dataset.page), pages = Number(box.dataset.pages);
  box.querySelector('img').src = box.dataset.base.replace('{page}', page);
  const label = box.dataset.label.replace('{page}', page);
  box.querySelector('[role=status]').textContent = label;
  box.querySelector('img').alt = label;
  const [before, after] = box.querySelectorAll('[data-act=page]');
  before.dataset.page = page - 1; before.disabled = page <= 1;
  after.dataset.page = page + 1; after.disabled = page >= pages;
};
const read = (target) => {
  const found = document.getElementById('passage-' + encodeURIComponent(target.dataset.passage));
  if (!found) return;
  for (let fold = found.closest('details'); fold; fold = fold.parentElement.closest('details')) fold.open = true; found.setAttribute('tabindex', '-1'); found.scrollIntoView({block: 'center'}); found.focus();
};
const act = (event) => {
  const target = event.target.closest('[data-act]');
  if (!target || target.disabled) return;
  event.preventDefault();
  const name = target.dataset.act;
  if (name === 'copy') { copy(target); return; }
  if (name === 'page') { turnPage(target); return; }
  if (name === 'read') { read(target); return; }
  const leaves = name === 'node' && (target.dataset.kind === 'Document' || target.dataset.kind === 'Passage');
  trigger(leaves ? 'expand' : EVENTS[name] || 'select', {...target.dataset});
};
element.addEventListener('click', act);
element.addEventListener('keydown', (event) => { if ((event.key === 'Enter' || event.key === ' ') && event.target.closest('svg [data-act]')) act(event); });
"""
"""For every piece of our HTML: ``data-act`` names the act; copying, turning pages and finding a passage need
no server.
"""

RANKING = (
    ACTS
    + """
const cards = () => [...element.querySelectorAll('.kg-card')];
const number = () => { let place = 0; cards().forEach((card, i) => {
  const tied = i > 0 && card.dataset.tied === '1';
  if (!tied) place = i + 1;
  card.dataset.rank = place; card.querySelector('.kg-place-no').textContent = place;
  const tie = card.querySelector('[data-move=tie]');
  tie.disabled = i === 0; tie.setAttribute('aria-pressed', String(tied));
  card.querySelector('[data-move=up]').disabled = i === 0;
  card.querySelector('[data-move=down]').disabled = i === cards().length - 1;
}); };
const move = (card, how) => {
  const all = cards(), i = all.indexOf(card);
  if (how === 'up' && i > 0) { all[i - 1].before(card); card.dataset.tied = '0'; }
  if (how === 'down' && i < all.length - 1) { all[i + 1].after(card); card.dataset.tied = '0'; }
  if (how === 'tie' && i > 0) card.dataset.tied = card.dataset.tied === '1' ? '0' : '1';
  number();
  const told = element.querySelector('.kg-moved');
  if (told) told.textContent = card.querySelector('.kg-place-no').textContent + ': ' + card.querySelector('.kg-candidate').textContent.slice(0, 60);
};
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-move]');
  if (button) { const card = button.closest('.kg-card'); move(card, button.dataset.move); if (button.disabled) card.focus(); else button.focus(); return; }
  if (event.target.closest('.kg-save')) {
    const form = event.target.closest('.kg-ranking'), ranks = [];
    cards().forEach((card) => { ranks[Number(card.dataset.index)] = Number(card.dataset.rank); });
    trigger('submit', {answer: form.dataset.answer, ranks: ranks, note: form.querySelector('[name=note]').value});
  }
});
element.addEventListener('keydown', (event) => {
  const card = event.target.closest('.kg-card');
  const how = {ArrowUp: 'up', ArrowDown: 'down', '=': 'tie'}[event.key];
  if (!card || !how || event.target.tagName === 'INPUT') return;
  event.preventDefault(); move(card, how); card.focus();
});
"""
)
"""For the ranking: cards move by buttons or arrow keys, ``=`` ties one with the card above; saving sends the
ranks in the answer's own order.
"""

STATUS = "element.setAttribute('role', 'status'); element.setAttribute('aria-live', 'polite');"
"""For a piece of HTML whose changes a screen reader should say."""

SHOW_PANEL = """() => {
  const heading = document.querySelector('#kg-panel h3');
  if (!heading) return;
  heading.focus({preventScroll: true});
  if (window.innerWidth < 900) heading.scrollIntoView({block: 'start'}); else document.querySelector('#kg-panel-column')?.scrollTo(0, 0);
}"""
"""After a chip was chosen: the evidence is in view, and the keyboard is there."""

SHOW_PAPER = """() => { const heading = document.querySelector('#kg-paper h2'); if (heading) { heading.focus({preventScroll: true}); window.scrollTo(0, 0); } }"""

DARK = """() => { document.body.classList.toggle('dark'); }"""

LANGUAGE = """(language) => { document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en'; return language; }"""

CLOSE_TABS = """(closed) => {
  const names = (closed || '').split(' ');
  document.querySelectorAll('[data-tab-id]').forEach((tab) => { tab.style.display = names.includes(tab.dataset.tabId) ? 'none' : ''; });
}"""
"""Tabs that a person may not use are not shown; the service refuses what they do in any case."""
