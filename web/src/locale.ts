export type Language = "vi" | "en";

/** A text that the server sends in both languages. */
export interface Bilingual {
  vi: string;
  en: string;
}

const STORED = "dieuhanh.language";

let current: Language = "vi";
const listeners = new Set<() => void>();

/** The language in use. */
export function language(): Language {
  return current;
}

/** Takes up the language that was chosen last time on this device; Vietnamese otherwise. */
export function restoreLanguage(): void {
  try {
    if (localStorage.getItem(STORED) === "en") current = "en";
  } catch {
    // Storage is closed to this page: the choice lasts for this visit only.
  }
  document.documentElement.lang = current;
}

/** Changes the language and tells everyone who listens. */
export function setLanguage(next: Language): void {
  if (next === current) return;
  current = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(STORED, next);
  } catch {
    // As above.
  }
  for (const listener of listeners) listener();
}

/** Calls back after each change of language. */
export function onLanguage(listener: () => void): void {
  listeners.add(listener);
}

/** What to fill into the {places} of a text. */
export type Values = Record<string, string | number>;

/** The function by which a page takes its texts from its own catalogue, their {places} filled. */
export function translator<Key extends string>(
  catalogues: Record<Language, Record<Key, string>>,
): (key: Key, values?: Values) => string {
  return (key, values = {}) =>
    catalogues[current][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** The side of a bilingual text that is in use. */
export function pick(text: Bilingual): string {
  return text[current] || text.vi;
}
