import { field as plain } from "../form-parts";
import { language } from "../locale";
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

/** A length in metres or kilometres, rounded as it deserves. */
export function metres(length: number): string {
  const locale = language() === "en" ? "en-GB" : "vi-VN";
  const kilometres = length >= 1000;
  const value = kilometres ? length / 1000 : Math.max(1, length);
  const digits = { maximumSignificantDigits: length >= 100 ? 2 : 3, maximumFractionDigits: 0 };
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: kilometres ? "kilometer" : "meter",
    unitDisplay: "short",
    ...(kilometres ? { maximumFractionDigits: 1 } : digits),
  }).format(value);
}
