export type Language = "vi" | "en";

/** A text that the server sends in both languages. */
export interface Bilingual {
  vi: string;
  en: string;
}

/** The languages, each in its own name. */
export const LANGUAGES: Record<Language, string> = { vi: "Tiếng Việt", en: "English" };

const STORED = "dieuhanh.language";
/** Tells the server, for the pages that it writes itself. */
const COOKIE = "dieuhanh_language";
const YEAR_S = 31_536_000;

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
  tellServer();
}

/** Takes up the language that the server wrote this page in. */
export function takeLanguage(): void {
  current = document.documentElement.lang === "en" ? "en" : "vi";
}

function tellServer(): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser.
  document.cookie = `${COOKIE}=${current}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax`;
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
  tellServer();
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
