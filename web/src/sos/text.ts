import { translator } from "../locale";
import { en } from "../texts/sos/en";
import { vi } from "../texts/sos/vi";

export type { Texts } from "../texts/sos/vi";

/** A text of the SOS page's catalogue, its {places} filled. */
export const t = translator({ vi, en });
