import { translator } from "../locale";
import { en } from "../texts/check-in/en";
import { type CheckInTexts, vi } from "../texts/check-in/vi";

/** A text of the page's catalogue, its {places} filled. */
export const t = translator<keyof CheckInTexts>({ vi, en });
