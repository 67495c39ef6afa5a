// The page follows the desk. A push only says that there is news; the page then asks for what comes after its last
// seq, so a lost or doubled push costs nothing. With no socket it asks every 15 s; 20 s of silence veil the page, and so
// does a database that does not answer: a socket that still beats then proves nothing.
const words = JSON.parse(document.body.dataset.words);
const { watchIncident, watchDesk, watchDrill, after, renewEvery } = document.body.dataset;
const POLL = 15000;
const SILENCE = 19000;
const GATHER = 150;

const link = document.getElementById("link");
const staleNote = document.getElementById("stale-note");
let heard = Date.now();
let last = Number(after ?? 0);
let socket = null;
let gathering = null;
let refreshing = false;
let answering = true;
let again = false;

if ([watchIncident, watchDesk, watchDrill].some((watched) => watched !== undefined)) {
  connect();
  if (renewEvery) setInterval(refresh, Number(renewEvery) * 1000);
  setInterval(() => { if (!socket?.connected) refresh(); }, POLL);
  setInterval(checkSilence, 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  document.addEventListener("tocsin:pulse", followPulse);
}

// A database that is back has news; only an answer proves that the page is true again.
function followPulse({ detail }) {
  const was = answering;
  answering = detail.state !== "away";
  if (answering && !was) refresh();
}

function askPulse() {
  document.dispatchEvent(new Event("tocsin:ask-pulse"));
}

function connect() {
  if (!window.io) return showLink(false);
  socket = window.io({ transports: ["websocket"], reconnectionDelayMax: 5000 });
  socket.on("connect", () => {
    beat();
    askPulse();
    showLink(true);
    socket.emit("watch", { ...wish(), after: last || undefined });
    if (watchDrill !== undefined) refresh();
  });
  socket.on("disconnect", () => showLink(false));
  socket.on("connect_error", () => showLink(false));
  socket.io.on("ping", beat);
  socket.on("pulse", askPulse);
  socket.on("entry", (entry) => {
    hear();
    if (entry.seq <= last) return;
    last = entry.seq;
    refreshSoon();
  });
  socket.on("drill", () => {
    hear();
    refreshSoon();
  });
}

function wish() {
  if (watchDrill !== undefined) return { drill: watchDrill };
  return watchIncident !== undefined ? { incident: watchIncident } : { desk: true };
}

function refreshSoon() {
  clearTimeout(gathering);
  gathering = setTimeout(refresh, GATHER);
}

// Every list grows and every panel is renewed; what arrives meanwhile asks for one more round.
async function refresh() {
  if (refreshing) {
    again = true;
    return;
  }
  refreshing = true;
  const lists = [...document.querySelectorAll("[data-live-list]")].map(grow);
  const panels = [...document.querySelectorAll("[data-live-replace]")].map(renew);
  const answers = await Promise.all([...lists, ...panels]);
  refreshing = false;
  if (answers.every(Boolean)) hear();
  document.dispatchEvent(new CustomEvent("tocsin:inserted"));
  if (again) {
    again = false;
    refresh();
  }
}

async function grow(list) {
  const address = new URL(list.dataset.url, location.href);
  address.searchParams.set("after", list.dataset.after);
  const page = await fetchPage(address);
  if (page === null) return false;
  const items = [...page.querySelectorAll("li[data-seq]")];
  const seen = Number(list.dataset.after);
  items.filter((item) => Number(item.dataset.seq) <= seen).forEach(strike);
  const fresh = items.filter((item) => Number(item.dataset.seq) > seen && !document.getElementById(item.id));
  for (const item of fresh) {
    item.classList.add("is-new");
    list.dataset.place === "top" ? list.prepend(item) : list.append(item);
    list.dataset.after = Math.max(Number(list.dataset.after), Number(item.dataset.seq));
  }
  if (fresh.length) announce(fresh);
  return true;
}

// An entry that was corrected meanwhile comes once more, struck out; it takes its old place, if it is shown.
function strike(item) {
  const old = document.getElementById(item.id);
  if (old && !old.classList.contains("entry-struck")) old.replaceWith(item);
}

// The address answers a page or a part of one in which the same panel stands, known by its data-url.
// A panel in which somebody types, also since it was asked for, is left alone until the next news.
async function renew(panel) {
  if (isInUse(panel)) return true;
  const page = await fetchPage(panel.dataset.url);
  if (page === null) return false;
  if (isInUse(panel)) return true;
  const next = page.querySelector(`[data-live-replace][data-url="${CSS.escape(panel.dataset.url)}"]`);
  if (!next || panel.dataset.shown === next.innerHTML) return true;
  panel.dataset.shown = next.innerHTML;
  const unfolded = [...panel.querySelectorAll("details[id][open]")].map((one) => one.id);
  const place = placeOf(focusIn(panel));
  panel.replaceChildren(...next.childNodes);
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  if (place) panel.querySelector(place)?.focus({ preventScroll: true });
  return true;
}

function isInUse(panel) {
  const isFilled = [...panel.querySelectorAll("textarea")].some((one) => one.value !== one.defaultValue);
  return isFilled || Boolean(focusIn(panel)?.matches("input, textarea, select"));
}

function focusIn(panel) {
  return panel.contains(document.activeElement) ? document.activeElement : null;
}

// How what has the focus is found again in a renewed panel: by its id, else by where it leads.
function placeOf(element) {
  const href = element?.getAttribute("href");
  if (element?.id) return `#${CSS.escape(element.id)}`;
  return href ? `[href="${CSS.escape(href)}"]` : null;
}

// An inert document, or null when there is no answer. A session that has ended leads to the sign-in page.
async function fetchPage(address) {
  try {
    const answer = await fetch(address, { headers: { "X-Fragment": "1", "X-Background": "1" }, credentials: "same-origin" });
    if (answer.status === 401 || answer.redirected) location.reload();
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

function announce(items) {
  const text = items.length === 1
    ? items[0].querySelector(".entry-text")?.textContent ?? ""
    : words.arrived.replace("{n}", items.length);
  const urgent = items.some((item) => item.matches(".entry-by-alert"));
  document.getElementById(urgent ? "live-assertive" : "live-polite").textContent = text;
}

function beat() {
  if (answering) hear();
}

function hear() {
  heard = Date.now();
  document.body.classList.remove("is-stale");
  staleNote.hidden = true;
}

function checkSilence() {
  const silence = Date.now() - heard;
  if (silence < SILENCE) return;
  document.body.classList.add("is-stale");
  const text = words.stale.replace("{time}", clockFace(silence));
  if (staleNote.hidden) document.getElementById("live-assertive").textContent = text;
  staleNote.hidden = false;
  staleNote.textContent = text;
}

function clockFace(milliseconds) {
  return new Date(milliseconds).toISOString().slice(11, 19);
}

function showLink(connected) {
  link.hidden = false;
  link.textContent = connected ? words.live : words.polling;
}
