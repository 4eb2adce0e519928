// Places and lengths as people write them.
import { language } from "./locale";

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

/** Latitude and longitude in degrees, as people paste them. */
export function degrees({ lon, lat }: { lon: number; lat: number }): string {
  return `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
}
