import { translator } from "../locale";
import { en } from "../texts/consult/en";
import { type ConsultTexts, vi } from "../texts/consult/vi";

/** A text of the catalogue, its {places} filled. */
export const t = translator<keyof ConsultTexts>({ vi, en });
