import { translator } from "../../locale";
import { en } from "../../texts/tools/analyse/en";
import { vi } from "../../texts/tools/analyse/vi";

/** A text of the catalogue of analysis, its {places} filled. */
export const t = translator({ vi, en });
