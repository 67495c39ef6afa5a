// Keeps a form's draft: in this browser at once, on the server five seconds after the last change.
// What each word promises: 本机暂存 this tab has it; 已提交 it is on its way; 已入库 the server has answered.
const words = JSON.parse(document.body.dataset.words);
const PAUSE = 5000;
const SECRET = new Set(["csrf_token", "password"]);

for (const form of document.querySelectorAll("form[data-draft-url]")) keep(form);

function keep(form) {
  const state = form.querySelector("[data-draft-state]");
  let changes = 0;
  let stored = 0;
  let timer = null;

  form.addEventListener("input", () => {
    changes += 1;
    show("local", words.local);
    schedule(PAUSE);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  window.addEventListener("online", () => schedule(0));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") send({ keepalive: true });
  });

  function schedule(delay) {
    clearTimeout(timer);
    timer = setTimeout(send, delay, {});
  }

  async function send(options) {
    if (stored === changes || form.classList.contains("is-sending")) return;
    const sending = changes;
    show("sent", words.sent);
    const time = await post(form, options);
    if (time === null) {
      show("failed", words.failed);
      schedule(PAUSE);
      return;
    }
    stored = sending;
    if (stored !== changes) return;
    show("stored", `${words.stored} ${time}`);
    document.dispatchEvent(new CustomEvent("tocsin:stored"));
  }

  function show(name, text) {
    state.dataset.state = name;
    state.textContent = text;
  }
}

// The server's time of storing (24 h, from its JSON {"saved_at": "03:12:05"}), or null when it has not stored.
async function post(form, options) {
  const body = new FormData(form);
  for (const name of [...body.keys()]) {
    if (SECRET.has(name) || body.get(name) instanceof File) body.delete(name);
  }
  const headers = { "X-CSRFToken": form.elements.csrf_token.value, Accept: "application/json" };
  try {
    const answer = await fetch(form.dataset.draftUrl, { method: "POST", body, headers, credentials: "same-origin", ...options });
    return answer.ok ? ((await answer.json()).saved_at ?? "") : null;
  } catch {
    return null;
  }
}
