import { translator } from "../locale";
import { en } from "../texts/checkpoint/en";
import { type CheckpointTexts, vi } from "../texts/checkpoint/vi";

/** A text of the checkpoint page's catalogue, its {places} filled. */
export const t = translator<keyof CheckpointTexts>({ vi, en });
