// Forms: focus on the error summary, no double submit, a word before leaving unsaved work, 现在.
const words = JSON.parse(document.body.dataset.words);

document.querySelector("[data-error-summary]")?.focus();

for (const link of document.querySelectorAll("[data-error-summary] a")) {
  link.addEventListener("click", (event) => {
    const field = document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.closest("details")?.setAttribute("open", "");
    field.focus();
    field.closest(".field")?.scrollIntoView({ block: "center" });
  });
}

let unsaved = false;

document.addEventListener("input", (event) => {
  if (event.target.closest("[data-warn-unsaved]")) unsaved = true;
});
document.addEventListener("tocsin:stored", () => { unsaved = false; });
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-guard]")) return;
  if (form.classList.contains("is-sending")) {
    event.preventDefault();
    return;
  }
  unsaved = false;
  form.classList.add("is-sending");
  form.setAttribute("aria-busy", "true");
  document.getElementById("live-polite").textContent = words.sending;
});

// Back from the next page finds the form as it was left, ready to be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll(".is-sending")) {
    form.classList.remove("is-sending");
    form.removeAttribute("aria-busy");
  }
});

for (const button of document.querySelectorAll("[data-fill-now]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const input = document.getElementById(button.dataset.fillNow);
    input.value = deskTime().slice(0, 16);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// The desk's own local time: what the server said, moved on by how long the page has been open.
function deskTime() {
  const local = document.body.dataset.now.slice(0, 19);
  const atLoad = Date.parse(`${local}Z`);
  return new Date(atLoad + performance.now()).toISOString();
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// One menu open at a time; a click elsewhere or Escape closes it.
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
});

function closeMenus(target) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
}

// A printed page shows what is folded.
window.addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("main details:not([open])")) {
    fold.dataset.openedForPrint = "";
    fold.open = true;
  }
});
window.addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("[data-opened-for-print]")) {
    fold.open = false;
    delete fold.dataset.openedForPrint;
  }
});
