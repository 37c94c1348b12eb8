() => {
  const heading = document.querySelector('#kg-panel h3');
  if (!heading) return;
  heading.focus({ preventScroll: true });
  if (window.innerWidth < 900) {
    heading.scrollIntoView({ block: 'start' });
  } else {
    document.querySelector('#kg-panel-column')?.scrollTo(0, 0);
  }
}
