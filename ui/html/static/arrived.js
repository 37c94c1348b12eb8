() => {
  window.kgArrive?.();
  const query = new URLSearchParams(location.search);
  const wanted = query.get('passage');
  const found = wanted && document.getElementById('passage-' + encodeURIComponent(wanted));
  if (found) {
    for (let fold = found.closest('details'); fold; fold = fold.parentElement.closest('details')) {
      fold.open = true;
    }
    found.setAttribute('tabindex', '-1');
    found.classList.add('kg-wanted');
    found.scrollIntoView({ block: 'center' });
    found.focus({ preventScroll: true });
    return;
  }
  const box = document.querySelector('#kg-question textarea');
  if (query.has('ask')) {
    history.replaceState(null, '', location.pathname);
    document.querySelector('#kg-ask')?.click();
  } else if (!location.search && window.innerWidth > 900) {
    box?.focus({ preventScroll: true });
  }
}
