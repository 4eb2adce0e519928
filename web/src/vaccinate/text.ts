import { translator } from "../locale";
import { en } from "../texts/vaccinate/en";
import { vi } from "../texts/vaccinate/vi";

export type { Texts } from "../texts/vaccinate/vi";

/** A text of the catalogue of registrations for vaccination, its {places} filled. */
export const t = translator({ vi, en });
