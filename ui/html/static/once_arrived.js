async (...inputs) => {
  await window.kgArrived;
  return inputs;
}
