// The theme in use, and its choice. /assets/theme.js has set it before the page was drawn.

export type Theme = "light" | "dark";
export type ThemeChoice = Theme | "system";

const STORED = "dieuhanh.theme";
const listeners = new Set<() => void>();
let choice: ThemeChoice = "system";

/** The theme in use. */
export function theme(): Theme {
  return document.documentElement.dataset.theme === "dark" ? "dark" : "light";
}

/** What was chosen on this device. */
export function themeChoice(): ThemeChoice {
  return choice;
}

/** Chooses a theme, for all pages on this device, and takes it up. */
export function chooseTheme(next: ThemeChoice): void {
  choice = next;
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // Storage is closed to this page: the choice lasts for this visit only.
  }
  apply();
}

/** Calls back after each change of the theme in use, until what is given back is called. */
export function onTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Follows the system, and what is chosen on another page. */
export function followTheme(): void {
  const read = (): void => {
    try {
      const stored = localStorage.getItem(STORED);
      choice = stored === "dark" || stored === "light" ? stored : "system";
    } catch {
      // As above.
    }
    apply();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
  addEventListener("storage", ({ key }) => {
    if (key === STORED) read();
  });
  read();
}

function apply(): void {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const next = choice === "system" ? system : choice;
  if (document.documentElement.dataset.theme === next) return;
  document.documentElement.dataset.theme = next;
  const bar = document.querySelector<HTMLMetaElement>("meta[name=theme-color]");
  if (bar) bar.content = bar.dataset[next] ?? bar.content;
  for (const listener of listeners) listener();
}
