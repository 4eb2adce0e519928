import { translator } from "../../locale";
import { en } from "../../texts/tools/filter/en";
import { vi } from "../../texts/tools/filter/vi";

/** A text of the filter's catalogue, its {places} filled. */
export const t = translator({ vi, en });
