import { translator } from "../../locale";
import { en } from "../../texts/tools/measure/en";
import { vi } from "../../texts/tools/measure/vi";

/** A text of the catalogue of measuring, its {places} filled. */
export const t = translator({ vi, en });
