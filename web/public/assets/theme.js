// Sets the theme before anything is drawn: a page loads this in its head, before its styles. What
// follows a change of theme is in src/theme.ts.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("dieuhanh.theme");
  } catch {
    // Storage is closed to this page: it goes by the system.
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const theme = chosen === "dark" || chosen === "light" ? chosen : system;
  document.documentElement.dataset.theme = theme;
  const bar = document.querySelector("meta[name=theme-color]");
  if (bar) bar.content = bar.dataset[theme] ?? bar.content;
})();
