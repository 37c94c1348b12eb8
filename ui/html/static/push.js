(address) => {
  document.querySelector('#kg-results')?.classList.remove('kg-busy');
  document.querySelector('#kg-results')?.removeAttribute('aria-busy');
  if (!address) return;
  const to = location.pathname + (address === '?' ? '' : address);
  if (to !== location.pathname + location.search) history.pushState(null, '', to);
}
