import { translator } from "../locale";
import { en } from "../texts/vaccination/en";
import { vi } from "../texts/vaccination/vi";

export type { Texts } from "../texts/vaccination/vi";

/** A text of the catalogue of the vaccination desk, its {places} filled. */
export const t = translator({ vi, en });
