// Single letters outside inputs. An element with data-key="n" is clicked or focused by that key;
// J and K move through rows with data-row-link, Enter opens the chosen one. Nothing destructive has a key.
const OFF = "tocsin-keys-off";
const help = document.getElementById("key-help");
const off = help.querySelector("[data-keys-off]");

off.checked = localStorage.getItem(OFF) === "1";
off.addEventListener("change", () => localStorage.setItem(OFF, off.checked ? "1" : "0"));
for (const opener of document.querySelectorAll("[data-open-keys]")) opener.addEventListener("click", showHelp);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || off.checked) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  if (act(event.key, event.target)) event.preventDefault();
});

function act(key, target) {
  if (key === "?") return showHelp();
  if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
  if (key === "Enter") return target === document.body || target.id === "content" ? open() : false;
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key.toLowerCase())}"]`)].filter(works);
  const element = found.find((one) => one.closest("[data-row-link]:is(.is-chosen, :focus-within)")) ?? found[0];
  if (!element) return false;
  element.matches("input, textarea, select") ? element.focus() : element.click();
  return true;
}

function move(step) {
  const rows = [...document.querySelectorAll("[data-row-link]")];
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row.classList.contains("is-chosen"));
  const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows.forEach((row, index) => row.classList.toggle("is-chosen", index === next));
  rows[next].scrollIntoView({ block: "nearest" });
  rows[next].querySelector("a")?.focus({ preventScroll: true });
  return true;
}

function open() {
  const row = document.querySelector("[data-row-link].is-chosen");
  if (row) location.assign(row.dataset.rowLink);
  return Boolean(row);
}

// The whole row opens, while the link in it stays the real one for keyboard and reader.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row-link]");
  if (!row || event.target.closest("a, button, input, label, summary") || getSelection().toString()) return;
  location.assign(row.dataset.rowLink);
});

function works(element) {
  return !element.disabled && element.checkVisibility();
}

// The list is made when it is opened, as live panels come and go with their keys.
function showHelp() {
  const list = help.querySelector("[data-key-list]");
  for (const row of list.querySelectorAll("[data-key-found]")) row.remove();
  for (const row of list.querySelectorAll("[data-key-for-rows]")) row.hidden = !document.querySelector("[data-row-link]");
  for (const element of document.querySelectorAll("[data-key-label]")) {
    if (!works(element)) continue;
    const row = document.createElement("div");
    row.dataset.keyFound = "";
    const term = row.appendChild(document.createElement("dt"));
    term.appendChild(document.createElement("kbd")).textContent = element.dataset.key.toUpperCase();
    row.appendChild(document.createElement("dd")).textContent = element.dataset.keyLabel;
    list.append(row);
  }
  help.showModal();
  return true;
}
