async (...inputs) => {
  await window.kgArrived;
  const list = document.querySelector('#kg-results');
  list?.setAttribute('aria-busy', 'true');
  list?.classList.add('kg-busy');
  return inputs;
}
