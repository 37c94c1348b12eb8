(closed) => {
  const names = (closed || '').split(' ');
  document.querySelectorAll('[data-tab-id]').forEach((tab) => {
    tab.style.display = names.includes(tab.dataset.tabId) ? 'none' : '';
  });
}
