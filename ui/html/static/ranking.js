// For the ranking, after acts.js: cards move by buttons or arrow keys, = ties one with the card above; saving
// sends the ranks in the answer's own order.
const cards = () => [...element.querySelectorAll('.kg-card')];

const number = () => {
  let place = 0;
  cards().forEach((card, i) => {
    const tied = i > 0 && card.dataset.tied === '1';
    if (!tied) place = i + 1;
    card.dataset.rank = place;
    card.querySelector('.kg-place-no').textContent = place;
    const tie = card.querySelector('[data-move=tie]');
    tie.disabled = i === 0;
    tie.setAttribute('aria-pressed', String(tied));
    card.querySelector('[data-move=up]').disabled = i === 0;
    card.querySelector('[data-move=down]').disabled = i === cards().length - 1;
  });
};

const move = (card, how) => {
  const all = cards();
  const i = all.indexOf(card);
  if (how === 'up' && i > 0) {
    all[i - 1].before(card);
    card.dataset.tied = '0';
  }
  if (how === 'down' && i < all.length - 1) {
    all[i + 1].after(card);
    card.dataset.tied = '0';
  }
  if (how === 'tie' && i > 0) card.dataset.tied = card.dataset.tied === '1' ? '0' : '1';
  number();
  const told = element.querySelector('.kg-moved');
  if (!told) return;
  const place = card.querySelector('.kg-place-no').textContent;
  told.textContent = place + ': ' + card.querySelector('.kg-candidate').textContent.slice(0, 60);
};

const save = (form) => {
  const ranks = [];
  cards().forEach((card) => { ranks[Number(card.dataset.index)] = Number(card.dataset.rank); });
  const note = form.querySelector('[name=note]').value;
  trigger('submit', { answer: form.dataset.answer, ranks: ranks, note: note });
};

element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-move]');
  if (button) {
    const card = button.closest('.kg-card');
    move(card, button.dataset.move);
    if (button.disabled) card.focus(); else button.focus();
    return;
  }
  if (event.target.closest('.kg-save')) save(event.target.closest('.kg-ranking'));
});
element.addEventListener('keydown', (event) => {
  const card = event.target.closest('.kg-card');
  const how = { ArrowUp: 'up', ArrowDown: 'down', '=': 'tie' }[event.key];
  if (!card || !how || event.target.tagName === 'INPUT') return;
  event.preventDefault();
  move(card, how);
  card.focus();
});
