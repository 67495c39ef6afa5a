// Light, dark or as the system: kept in a cookie, so that the next page arrives in the right colours.
const MEDIA = { auto: "screen and (prefers-color-scheme: dark)", dark: "screen", light: "not all" };
const YEAR = 365 * 24 * 3600;

function choose(theme) {
  document.documentElement.dataset.theme = theme;
  document.querySelector("link[data-dark]").media = MEDIA[theme];
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR}; samesite=lax`;
}

for (const fieldset of document.querySelectorAll("[data-theme-switch]")) {
  fieldset.hidden = false;
  fieldset.addEventListener("change", (event) => choose(event.target.value));
}
