// Ticks what the server has drawn: the strip's time, a drill's clock, and every [data-due] with its words, bar and standing.
// Of a drill all lengths are drill time: it runs at data-speed, and not at all where data-stands is.
const words = JSON.parse(document.body.dataset.words);
const drawn = Date.parse(document.body.dataset.now);
const skew = drawn - Date.now();
const MONTHS = new Intl.DateTimeFormat("en", { month: "short", timeZone: "UTC" });
const ALARMS = [10, 30];
const announced = new WeakMap();

tick();
setInterval(tick, 1000);
document.addEventListener("tocsin:inserted", tick);

function tick() {
  const now = Date.now() + skew;
  for (const element of document.querySelectorAll("[data-due]:not([data-stands])")) show(element, now);
  for (const element of document.querySelectorAll("[data-drill-time][data-speed]")) showDrillTime(element, now);
  showTime(now);
}

function show(element, now) {
  const due = Date.parse(element.dataset.due);
  const start = Date.parse(element.dataset.start ?? "");
  const left = (due - now) * Number(element.dataset.speed ?? 1);
  const text = element.querySelector("[data-remaining]");
  if (text) setText(text, remaining(left));
  const whole = element.dataset.whole ? Number(element.dataset.whole) * 1000 : due - start;
  const share = left / Math.max(whole, 1);
  element.querySelector("[data-bar]")?.setAttribute("width", (100 * Math.min(Math.max(share, 0), 1)).toFixed(1));
  stand(element, left <= 0 ? "overdue" : share <= 0.25 ? "near" : "running");
  announce(element, left);
}

function stand(element, how) {
  if (element.classList.contains(`clock-${how}`)) return;
  element.classList.remove("clock-running", "clock-near", "clock-overdue");
  element.classList.add(`clock-${how}`);
  const word = element.querySelector("[data-standing]");
  if (word) setText(word, words[`standing_${how}`]);
}

// The two largest parts, as the server writes them; in the last ten minutes also seconds.
function remaining(milliseconds) {
  const seconds = Math.floor(Math.abs(milliseconds) / 1000);
  const minutes = Math.floor(seconds / 60);
  const units = [
    [Math.floor(minutes / 1440), words.days],
    [Math.floor(minutes / 60) % 24, words.hours],
    [minutes % 60, words.minutes],
    [minutes < 10 ? seconds % 60 : 0, words.seconds],
  ];
  const parts = units.filter(([number]) => number).slice(0, 2).map((part) => part.join(" "));
  const length = parts.join(" ") || `0 ${words.seconds}`;
  return (milliseconds > 0 ? words.left : words.over).replace("{time}", length);
}

// Silent for screen readers but at 30, 10 and 0 minutes, once each; what the page opened with is on the page.
function announce(element, left) {
  if (!element.matches(".clock")) return;
  const mark = left <= 0 ? 0 : ALARMS.find((minutes) => left <= minutes * 60000) ?? Infinity;
  const before = announced.get(element);
  announced.set(element, mark);
  if (before === undefined || mark >= before) return;
  const text = mark === 0 ? words.passed : words.alarm.replace("{n}", mark);
  const title = element.querySelector(".clock-title")?.textContent ?? "";
  document.getElementById("live-assertive").textContent = `${title} ${text}`;
}

// T+h:mm:ss, as the server writes it.
function showDrillTime(element, now) {
  const reading = Number(element.dataset.drillTime) + ((now - drawn) / 1000) * Number(element.dataset.speed);
  const seconds = Math.floor(Math.abs(reading));
  const two = (number) => String(number).padStart(2, "0");
  const text = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  setText(element, `T${reading < 0 ? "-" : "+"}${text}`);
}

function showTime(now) {
  const offset = offsetMinutes(document.body.dataset.now);
  const local = new Date(now + offset * 60000).toISOString();
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const [year, month, day] = local.slice(0, 10).split("-").map(Number);
    const name = MONTHS.format(Date.parse(`${local.slice(0, 10)}T00:00Z`));
    const date = words.date.replace("{y}", year).replace("{m}", month).replace("{b}", name).replace("{d}", day);
    setText(clock, `${date} ${local.slice(11, 19)}`);
  }
}

function offsetMinutes(iso) {
  const match = iso.match(/([+-])(\d\d):(\d\d)$/);
  return match ? (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : 0;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
