// Lets a drill's time run on between two looks: its seconds at a moment, and how fast they pass.
const skew = Date.parse(document.body.dataset.now) - Date.now();

tick();
setInterval(tick, 1000);
document.addEventListener("tocsin:inserted", tick);

function tick() {
  for (const clock of document.querySelectorAll("[data-drill-seconds]")) {
    const passed = (Date.now() + skew - Date.parse(clock.dataset.drillAt)) / 1000;
    clock.textContent = face(Number(clock.dataset.drillSeconds) + Math.max(0, passed) * Number(clock.dataset.drillSpeed));
  }
}

function face(seconds) {
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
}
