() => {
  const heading = document.querySelector('#kg-paper h2');
  if (!heading) return;
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}
