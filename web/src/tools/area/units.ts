import type { Feature, MapConfig } from "../../config";
import { button, h } from "../../dom";
import { fetchJson } from "../../http";
import type { Unit } from "./selection";
import { t } from "./text";

const UNITS = "admin_units";
const PAUSE_MS = 250;
const MOST = 8;

/** The administrative unit of a code, with its boundary. */
export async function unitOf(config: MapConfig, code: string, signal: AbortSignal): Promise<Unit> {
  const address = `${items(config)}/${encodeURIComponent(code)}?f=json`;
  const { geometry, properties } = await fetchJson<Feature>(address, signal);
  return {
    code,
    name: String(properties.name),
    level: String(properties.level),
    geometry: geometry as Unit["geometry"],
  };
}

function items(config: MapConfig): string {
  return config.layers.find(({ id }) => id === UNITS)?.items ?? "";
}

/** A field for the name of an administrative unit, and the units found; null where there are none. */
export function unitSearch(config: MapConfig, choose: (code: string) => void): HTMLElement | null {
  if (items(config) === "") return null;
  const input = h("input", { type: "search", placeholder: t("unitHint"), maxlength: 100 });
  const list = h("ul", { class: "units", "aria-label": t("unitChoose"), hidden: true });
  const status = h("p", { class: "sketch-hint", role: "status" });
  let timer = 0;
  let running = new AbortController();
  const look = async (): Promise<void> => {
    running.abort();
    running = new AbortController();
    const q = input.value.trim();
    status.textContent = "";
    list.replaceChildren();
    list.hidden = true;
    if (q === "") return;
    const asked = new URLSearchParams({ f: "json", q, limit: String(MOST), skipGeometry: "true" });
    try {
      const address = `${items(config)}?${asked}`;
      const { features } = await fetchJson<{ features: Feature[] }>(address, running.signal);
      const found = features.map(({ id, properties }) =>
        h(
          "li",
          {},
          button({ class: "choice" }, () => choose(String(id)), String(properties.name)),
        ),
      );
      list.replaceChildren(...found);
      list.hidden = found.length === 0;
      if (found.length === 0) status.textContent = t("unitNone");
    } catch {
      if (!running.signal.aborted) status.textContent = t("failed");
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void look(), PAUSE_MS);
  });
  return h("div", { class: "unit-search" }, h("label", {}, t("unit"), input), list, status);
}
