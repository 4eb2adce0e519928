// The language in use, and the texts of the map in it. Other pages have catalogues of their own.
import { translator } from "./locale";
import { en } from "./texts/en";
import { vi } from "./texts/vi";

export {
  type Bilingual,
  type Language,
  language,
  onLanguage,
  pick,
  restoreLanguage,
  setLanguage,
} from "./locale";

/** A text of the map's catalogue, its {places} filled. */
export const t = translator({ vi, en });
