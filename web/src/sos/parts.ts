import { field as plain } from "../form-parts";
import { t } from "./text";

export { clock, heading } from "../form-parts";

type Control = Parameters<typeof plain>[0];

/** A control under its label, with its hint and with what is wrong with it beside it. */
export function field(
  control: Control,
  label: string,
  more: { hint?: string; fault?: string | undefined; optional?: boolean } = {},
): HTMLElement {
  return plain(control, label, { ...more, optional: more.optional === true && t("optional") });
}
