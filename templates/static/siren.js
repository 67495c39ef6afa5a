// The sound of the desk: an oscillator, no file. What sounds is in the page ([data-sound]); who takes it on silences it
// for all. Browsers play nothing before a touch, so the watch begins with the self-test; any touch or key will do.
const part = document.querySelector("[data-siren]");
const test = document.querySelector("[data-self-test]");
const words = JSON.parse(test?.dataset.words ?? "{}");
const engineForm = document.querySelector("[data-engine-siren]");
const LOOK = 15000;
// Each sound: how often it comes again, and its tones as [start, end, from Hz, to Hz, shape], in seconds.
const SOUNDS = {
  siren: [2.4, [[0, 0.9, 560, 1080, "sawtooth"], [0.9, 1.8, 1080, 560, "sawtooth"]]],
  call: [4, [[0, 0.25, 880, 880, "square"], [0.35, 0.6, 660, 660, "square"]]],
  drill: [5, [[0, 0.2, 440, 440, "sine"], [0.4, 0.6, 440, 440, "sine"], [0.8, 1, 440, 440, "sine"]]],
};
const LOUD = { siren: 0.22, call: 0.1, drill: 0.16 };

let context = null;
let timer = null;
let playing = "";
let engineStands = false;
let knownEngine = false;

follow();
setInterval(look, LOOK);
document.addEventListener("tocsin:inserted", follow);
document.addEventListener("tocsin:pulse", (event) => {
  engineStands = ["silent", "away"].includes(event.detail.state);
  if (!engineStands) knownEngine = false;
  follow();
});
for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, wake, { capture: true });
document.addEventListener("submit", take);
test?.addEventListener("click", (event) => {
  const name = event.target.closest("[data-try-sound]")?.dataset.trySound;
  if (name) wake().then(() => play(name));
});

// Sound follows the page: what it says now, and whether the engine turns.
function follow() {
  const wanted = engineStands && !knownEngine ? "siren" : part?.querySelector("[data-sound]")?.dataset.sound ?? "";
  document.body.dataset.sounding = wanted;
  if (engineForm) engineForm.hidden = !engineStands || knownEngine;
  if (wanted !== playing) {
    clearInterval(timer);
    playing = wanted;
    if (wanted) {
      play(wanted);
      timer = setInterval(() => play(wanted), SOUNDS[wanted][0] * 1000);
    }
  }
  tell();
}

// Time alone makes a siren come, with no entry that would be pushed.
async function look() {
  try {
    const answer = await fetch(part.dataset.url, { headers: { "X-Fragment": "1", "X-Background": "1" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    part.replaceChildren(...page.querySelector("[data-siren]").childNodes);
    follow();
  } catch {
    // The note of old data tells that the desk does not answer; the sound goes on.
  }
}

async function wake() {
  context ??= new AudioContext();
  if (context.state === "suspended") await context.resume();
  tell();
}

function play(name) {
  if (context?.state !== "running") return tell();
  for (const [start, end, from, to, shape] of SOUNDS[name][1]) tone(start, end, from, to, shape, LOUD[name]);
}

function tone(start, end, from, to, shape, loud) {
  const at = context.currentTime + 0.02;
  const oscillator = new OscillatorNode(context, { type: shape, frequency: from });
  const gain = new GainNode(context, { gain: 0 });
  oscillator.connect(gain).connect(context.destination);
  oscillator.frequency.linearRampToValueAtTime(to, at + end);
  gain.gain.setValueAtTime(0, at + start);
  gain.gain.linearRampToValueAtTime(loud, at + start + 0.02);
  gain.gain.setValueAtTime(loud, at + end - 0.03);
  gain.gain.linearRampToValueAtTime(0, at + end);
  oscillator.start(at + start);
  oscillator.stop(at + end);
}

// Taken on without leaving the page, so that the sound may go on for what comes next.
async function take(event) {
  const form = event.target.closest("[data-siren-form]");
  if (!form) return;
  event.preventDefault();
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Fragment": "1" } });
  if (answer.status === 401) return form.submit();
  if (form === engineForm) knownEngine = true;
  await look();
}

function tell() {
  const state = test?.querySelector("[data-sound-state]");
  if (!state) return;
  const heard = context?.state === "running";
  const text = heard ? words.on : playing ? words.blocked : words.off;
  if (state.textContent !== text) state.textContent = text;
  state.classList.toggle("sound-off", !heard);
  state.classList.toggle("sound-blocked", !heard && playing !== "");
}
