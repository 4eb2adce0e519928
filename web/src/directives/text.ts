import { translator } from "../locale";
import { en } from "../texts/directives/en";
import { type DirectivesTexts, vi } from "../texts/directives/vi";

/** A text of the catalogue of this page, its {places} filled. */
export const t = translator<keyof DirectivesTexts>({ vi, en });
