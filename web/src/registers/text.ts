import { translator } from "../locale";
import { en } from "../texts/registers/en";
import { vi } from "../texts/registers/vi";

export const t = translator({ vi, en });
