// Whether engine and database answer. The page asks every 15 s, and at once when the live socket says that it changed.
// Who must know listens on the document for "tocsin:pulse"; its detail is { state: "good" | "apart" | "silent" | "away" }.
const EVERY = 15000;
const PATIENCE = 4000;
const banner = document.getElementById("pulse");
const pill = document.getElementById("engine");

setInterval(ask, EVERY);
document.addEventListener("tocsin:ask-pulse", ask);
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });

async function ask() {
  try {
    const answer = await fetch("/pulse", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok) show(await answer.json());
  } catch {
    // No answer says nothing about the engine; that the page grows old is told by the note of old data.
  }
}

function show(pulse) {
  const changed = banner.dataset.state !== pulse.state;
  banner.dataset.state = pulse.state;
  if (banner.textContent !== pulse.text) banner.textContent = pulse.text;
  banner.hidden = pulse.state === "good";
  pill.textContent = pulse.pill;
  pill.classList.toggle("pill-ok", pulse.state === "good");
  pill.classList.toggle("pill-bad", pulse.state !== "good");
  document.dispatchEvent(new CustomEvent("tocsin:pulse", { detail: { state: pulse.state, changed } }));
}
