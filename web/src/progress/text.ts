import { translator } from "../locale";
import { en } from "../texts/progress/en";
import { vi } from "../texts/progress/vi";

export type { Texts } from "../texts/progress/vi";

/** A text of the catalogue of the progress of vaccination, its {places} filled. */
export const t = translator({ vi, en });
