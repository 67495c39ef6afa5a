// Keeps the stand-in provider's inbox fresh: fetches the page and swaps its main part when it changed.
const PAUSE = 1500;
const note = document.querySelector(".gateway-link");
const calm = note.textContent;

async function refresh() {
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [old, fresh] = [document.querySelector("main"), page.querySelector("main")];
    if (fresh && old.innerHTML !== fresh.innerHTML) old.replaceWith(fresh);
    document.title = page.title;
    say(calm, false);
  } catch {
    say(note.dataset.lost, true);
  }
  setTimeout(refresh, PAUSE);
}

function say(words, lost) {
  if (note.textContent !== words) note.textContent = words;
  note.classList.toggle("is-lost", lost);
}

setTimeout(refresh, PAUSE);
