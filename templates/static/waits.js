// Asks every three seconds whether what the page waits for is made, says how long it has taken, and then shows it.
const EVERY = 3000;
const note = document.querySelector("[data-waits]");

setTimeout(look, EVERY);

async function look() {
  const next = await fetchNote();
  if (next === null) return location.reload();
  if (next) note.replaceChildren(...next.childNodes);
  setTimeout(look, EVERY);
}

// The note as it now is; null when nothing is waited for any more, undefined when there is no answer.
async function fetchNote() {
  try {
    const answer = await fetch(location.href, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
    if (answer.redirected) return null;
    if (!answer.ok) return undefined;
    return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-waits]");
  } catch {
    return undefined;
  }
}
