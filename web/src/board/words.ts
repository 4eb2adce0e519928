import type { MapConfig } from "../config";
import { formatInstant } from "../format";
import { type Language, language, pick, translator } from "../locale";
import { en } from "../texts/board/en";
import { type BoardTexts, vi } from "../texts/board/vi";
import type { SosRequest } from "./model";

/** A text of the board's catalogue, its {places} filled. */
export const t = translator<keyof BoardTexts>({ vi, en });

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time as people say it. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return t("seconds", { n: whole });
  if (whole < HOUR) return t("minutes", { n: Math.floor(whole / MINUTE) });
  if (whole < DAY)
    return t("hours", { n: Math.floor(whole / HOUR), m: Math.floor((whole % HOUR) / MINUTE) });
  return t("days", { n: Math.floor(whole / DAY), m: Math.floor((whole % DAY) / HOUR) });
}

/** A distance in metres as people say it. */
export function distance(metres: number): string {
  const tag: Record<Language, string> = { vi: "vi-VN", en: "en-GB" };
  const number = (value: number, digits: number): string =>
    new Intl.NumberFormat(tag[language()], { maximumFractionDigits: digits }).format(value);
  if (metres < 1000) return t("metres", { n: number(metres, 0) });
  return t("kilometres", { n: number(metres / 1000, 1) });
}

/** What codes, places and times are called. */
export class Words {
  readonly #config: MapConfig;
  readonly units: ReadonlyMap<string, string>;

  constructor(config: MapConfig, units: ReadonlyMap<string, string>) {
    this.#config = config;
    this.units = units;
  }

  /** The title of a code of a layer's column. */
  code(layer: string, column: string, value: string): string {
    const title = this.codes(layer, column)[value];
    return title ? pick(title) : value;
  }

  /** The title of a layer's column. */
  column(layer: string, column: string): string {
    const found = this.#config.layers.find(({ id }) => id === layer);
    const title = found?.columns.find(({ name }) => name === column)?.title;
    return title ? pick(title) : column;
  }

  codes(layer: string, column: string): Record<string, { vi: string; en: string }> {
    const found = this.#config.layers.find(({ id }) => id === layer);
    return found?.columns.find(({ name }) => name === column)?.codes ?? {};
  }

  category(value: string): string {
    return this.code("sos_requests", "category", value);
  }

  priority(value: string): string {
    return this.code("sos_requests", "priority", value);
  }

  state(value: string): string {
    return this.code("sos_requests", "state", value);
  }

  unit(code: string | null): string {
    return code === null ? "" : (this.units.get(code) ?? code);
  }

  place(request: SosRequest): string {
    return (
      [this.unit(request.commune), this.unit(request.district)].filter(Boolean).join(", ") ||
      t("placeUnknown")
    );
  }

  instant(value: string): string {
    return formatInstant(value, this.#config.province.timeZone);
  }
}
