import { translator } from "../../locale";
import { en } from "../../texts/tools/area/en";
import { vi } from "../../texts/tools/area/vi";

/** A text of the catalogue of areas, its {places} filled. */
export const t = translator({ vi, en });
