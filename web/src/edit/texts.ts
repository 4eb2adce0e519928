// The texts of editing, which are loaded with it.
import { translator } from "../locale";
import { en } from "../texts/edit/en";
import { vi } from "../texts/edit/vi";

export const tx = translator({ vi, en });
