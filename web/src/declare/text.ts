import { translator } from "../locale";
import { en } from "../texts/declare/en";
import { vi } from "../texts/declare/vi";

export type { Texts } from "../texts/declare/vi";

/** A text of the catalogue of declarations, its {places} filled. */
export const t = translator({ vi, en });
