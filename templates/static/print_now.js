// The page was asked for to be printed: one key on the desk is enough.
window.addEventListener("load", () => window.print(), { once: true });
