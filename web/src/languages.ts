import { button, h } from "./dom";
import { type Language, language, setLanguage } from "./locale";

const LANGUAGES: Record<Language, string> = { vi: "Tiếng Việt", en: "English" };

/** The switch of the language. */
export function languages(label: string): HTMLElement {
  return h(
    "div",
    { class: "languages", role: "group", "aria-label": label },
    ...(Object.keys(LANGUAGES) as Language[]).map((one) =>
      button(
        { lang: one, "aria-label": LANGUAGES[one], "aria-pressed": String(one === language()) },
        () => setLanguage(one),
        one.toUpperCase(),
      ),
    ),
  );
}
