// The slider of a replay. Without script it is a form; with it each place is asked for as a piece of the page.
// Only the newest question counts: what was asked for a place already left is given up.
const slider = document.querySelector("[data-replay]");
const place = document.querySelector("[data-replay-place]");
const room = document.getElementById("replay-moment");
const GATHER = 60;
let asking = null;
let gathering = null;

for (const one of document.querySelectorAll("[data-without-script]")) one.hidden = true;
slider.addEventListener("input", () => {
  place.textContent = slider.value;
  clearTimeout(gathering);
  gathering = setTimeout(ask, GATHER);
});
for (const step of document.querySelectorAll("[data-step]")) step.addEventListener("click", follow);
document.addEventListener("keydown", press);

// Arrows move the slider wherever the focus is, but where they already mean something else.
function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, summary, dialog, [tabindex='0']")) return;
  const steps = { ArrowLeft: "previous", ArrowRight: "next", Home: "first", End: "last" };
  const step = document.querySelector(`[data-step="${steps[event.key]}"]`);
  if (!step) return;
  event.preventDefault();
  step.click();
}

function follow(event) {
  event.preventDefault();
  const address = event.currentTarget.getAttribute("href");
  if (!address) return;
  slider.value = new URL(address, location.href).searchParams.get("n");
  place.textContent = slider.value;
  ask();
}

async function ask() {
  clearTimeout(gathering);
  asking?.abort();
  asking = new AbortController();
  const address = new URL(slider.dataset.replay, location.href);
  address.searchParams.set("n", slider.value);
  room.firstElementChild?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal: asking.signal });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    show(await answer.text());
  } catch (error) {
    if (error.name !== "AbortError") location.assign(`?n=${slider.value}`);
  }
}

function show(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const then = page.querySelector("[data-replay-then]");
  const open = [...room.querySelectorAll("details")].map((one) => one.open);
  room.replaceChildren(then);
  [...room.querySelectorAll("details")].forEach((one, index) => { one.open = Boolean(open[index]); });
  slider.setAttribute("aria-valuetext", then.dataset.said);
  document.getElementById("replay-at").value = then.dataset.at;
  for (const step of document.querySelectorAll("[data-step]")) {
    const address = then.dataset[step.dataset.step];
    set(step, "href", address);
    set(step, "aria-disabled", address ? undefined : "true");
  }
  history.replaceState(null, "", `?n=${then.dataset.n}`);
}

function set(element, name, value) {
  value === undefined ? element.removeAttribute(name) : element.setAttribute(name, value);
}
