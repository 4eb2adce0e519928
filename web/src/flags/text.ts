import { translator } from "../locale";
import { en } from "../texts/flags/en";
import { vi } from "../texts/flags/vi";

export type { Texts } from "../texts/flags/vi";

/** A text of the catalogue of flags, its {places} filled. */
export const t = translator({ vi, en });
