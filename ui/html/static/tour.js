// A short walk through the page: each step marks one part and says what it is for. Nothing is kept of it.
window.kgTour = () => {
  const STEPS = [
    ['#kg-question', 'Ask in plain words. Typing errors, pinyin and abbreviations are understood.',
      '用中文或英文直接提问；错别字、拼音和缩写均可识别。'],
    ['#kg-limits', 'Limit the question to years, journals, authors, a collection or one of your sets.',
      '可限定年份、期刊、作者、馆藏或您的文集。'],
    ['#kg-transcript',
      'The answer. Each sentence names its paper; below are the sources, to cite, open or keep.',
      '回答显示在此处：每句均注明出处，下方为来源，可引用、打开或收藏。'],
    ['#kg-panel',
      'The evidence of the sentence that you chose: the exact words in their paragraph, and the page.',
      '所选语句的证据：原文段落中的确切词句及所在页。'],
    ['#kg-tabs',
      'Search the library, look up concepts, check a text and its references, go back to what you asked.',
      '检索馆藏、查询概念、核查文稿及其参考文献、查看提问历史。'],
    ["a[href='/sets']", 'Sets keep papers and answers; share them, export them, or ask them alone.',
      '文集用于收藏论文与回答，可共享、导出或仅在其中提问。'],
  ];
  const chinese = document.documentElement.lang.startsWith('zh');
  const steps = STEPS.filter(([place]) => document.querySelector(place)?.offsetParent);
  const card = document.createElement('div');
  card.className = 'kg-tour';
  card.setAttribute('role', 'dialog');
  card.setAttribute('aria-label', chinese ? '导览' : 'Tour');
  const text = document.createElement('p');
  text.setAttribute('aria-live', 'polite');
  const button = (name) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'kg-button';
    made.textContent = name;
    return made;
  };
  const next = button(chinese ? '下一步' : 'Next');
  const end = button(chinese ? '结束' : 'End the tour');
  const row = document.createElement('div');
  row.className = 'kg-row';
  row.append(next, end);
  card.append(text, row);
  const back = document.activeElement;
  let at = -1;
  const unmark = () => {
    document.querySelectorAll('.kg-toured').forEach((one) => one.classList.remove('kg-toured'));
  };
  const stop = () => {
    unmark();
    card.remove();
    if (back?.isConnected) back.focus();
  };
  const go = () => {
    at += 1;
    if (at >= steps.length) return stop();
    unmark();
    const [place, english, zh] = steps[at];
    const part = document.querySelector(place);
    part.classList.add('kg-toured');
    part.scrollIntoView({ block: 'nearest' });
    text.textContent = `${at + 1}/${steps.length} · ${chinese ? zh : english}`;
    next.hidden = at === steps.length - 1;
    (next.hidden ? end : next).focus({ preventScroll: true });
    return undefined;
  };
  next.addEventListener('click', go);
  end.addEventListener('click', stop);
  card.addEventListener('keydown', (event) => { if (event.key === 'Escape') stop(); });
  document.body.append(card);
  go();
};
