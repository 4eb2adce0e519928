import { translator } from "../locale";
import { en } from "../texts/hotline/en";
import { type Texts, vi } from "../texts/hotline/vi";

export type { Texts };

/** A text of the catalogue of the hotline, its {places} filled. */
export const t = translator<keyof Texts>({ vi, en });
