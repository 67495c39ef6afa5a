// Keeps the stand-in provider's inbox fresh: fetches the page and swaps its main part when it changed.
const PAUSE = 1500;
const note = document.querySelector(".gateway-link");
const calm = note.textContent;
let timer;

async function refresh() {
  clearTimeout(timer);
  try {
    await show(await fetch(location.href, { cache: "no-store" }));
  } catch {
    say(note.dataset.lost, true);
  }
  timer = setTimeout(refresh, PAUSE);
}

async function show(answer) {
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [old, fresh] = [document.querySelector("main"), page.querySelector("main")];
  if (fresh && old.innerHTML !== fresh.innerHTML) swap(old, fresh);
  document.title = page.title;
  say(calm, false);
}

// What somebody is typing, and where the keyboard is, outlives the swap.
function swap(old, fresh) {
  const typed = [...old.querySelectorAll("input[id]")].map((input) => [input.id, input.value]);
  const active = document.activeElement?.id;
  old.replaceWith(fresh);
  for (const [id, value] of typed) {
    const input = document.getElementById(id);
    if (input && value) input.value = value;
  }
  if (active) document.getElementById(active)?.focus();
}

// A form is posted without leaving the page; the box empties only once it has arrived.
document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok) throw new Error(String(answer.status));
    form.reset();
  } catch {
    say(note.dataset.lost, true);
  }
  for (const button of buttons) button.disabled = false;
  refresh();
});

function say(words, lost) {
  if (note.textContent !== words) note.textContent = words;
  note.classList.toggle("is-lost", lost);
}

timer = setTimeout(refresh, PAUSE);
