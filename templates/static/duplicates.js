// While a report is typed, shows the incidents that it may repeat: the server answers the panel's inner HTML.
const PAUSE = 600;

for (const form of document.querySelectorAll("form[data-similar-url]")) watch(form);

function watch(form) {
  const panel = document.getElementById(form.dataset.similarPanel);
  let timer = null;
  let asking = null;

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const body = new FormData(form);
    for (const name of [...body.keys()]) if (body.get(name) instanceof File) body.delete(name);
    const headers = { "X-CSRFToken": form.elements.csrf_token.value, "X-Fragment": "1" };
    try {
      const answer = await fetch(form.dataset.similarUrl, {
        method: "POST", body, headers, credentials: "same-origin", signal: asking.signal,
      });
      if (!answer.ok) return;
      const html = (await answer.text()).trim();
      if (html !== panel.dataset.shown) panel.innerHTML = html;
      panel.dataset.shown = html;
    } catch {
      // The panel is a help: without the server the form still files, and the server looks again.
    }
  }
}
