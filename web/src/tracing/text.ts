import { translator } from "../locale";
import { en } from "../texts/tracing/en";
import { vi } from "../texts/tracing/vi";

export type { Texts } from "../texts/tracing/vi";

/** A text of the catalogue of contact tracing, its {places} filled. */
export const t = translator({ vi, en });
