import { translator } from "../locale";
import { en } from "../texts/epidemic/en";
import { vi } from "../texts/epidemic/vi";

export type { Texts } from "../texts/epidemic/vi";

/** A text of the catalogue of the epidemic, its {places} filled. */
export const t = translator({ vi, en });
