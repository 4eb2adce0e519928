import { button, DRAWINGS, drawing, h } from "../dom";
import { metres } from "../measures";
import type { SosApp } from "./app";
import type { Place } from "./draft";
import { canLocate } from "./locate";
import { field, heading } from "./parts";
import { sign } from "./symbols";
import { type Texts, t } from "./text";

type Way = "map" | "text" | "commune";

/** The first step: where help is needed. */
export class WhereStep {
  readonly #app: SosApp;
  #way: Way | null = null;
  #said: keyof Texts | null = null;
  #status = h("p", { class: "where-status", role: "status" });
  #ways = h("div", { class: "ways" });
  #removeMap: (() => void) | null = null;
  /** What was filled in, also as long as it is not right. */
  #typed = { position: "", commune_code: "", address: "" };

  constructor(app: SosApp) {
    this.#app = app;
  }

  /** Opens the way by which a place was told. */
  open(place: Place | null): void {
    this.#way = place && place.way !== "gps" ? place.way : null;
    this.#said = null;
    if (place?.way === "text") this.#typed.position = place.position;
    if (place?.way === "commune") Object.assign(this.#typed, place);
  }

  /** Says how the search for the position goes. */
  say(text: keyof Texts): void {
    this.#said = text;
    this.#tell();
  }

  /** Takes in what has come meanwhile: the communes, the network, a position. */
  update(): void {
    this.#tell();
    // What somebody is filling in stays as it is; a button that has the focus keeps it.
    const focused = document.activeElement;
    const within = this.#ways.contains(focused);
    if (this.#way === "map" || (within && focused?.closest("form"))) return;
    this.#renderWays();
    if (within && focused) document.getElementById(focused.id)?.focus();
  }

  /** The place that was chosen, in words. */
  described(): string {
    const { place } = this.#app.draft;
    if (place === null) return "";
    if (place.way === "text") return place.position;
    if (place.way === "commune") {
      const found = this.#app.communes.find(({ code }) => code === place.commune_code);
      return [place.address, found?.name ?? place.commune].filter(Boolean).join(", ");
    }
    const m = t("accuracy", { m: metres(place.accuracy_m) });
    return place.way === "gps" ? t("placeGps", { m }) : t("placeMap", { m });
  }

  render(): HTMLElement {
    const { draft } = this.#app;
    this.#status = h("p", { class: "where-status", role: "status" });
    this.#ways = h("div", { class: "ways" });
    this.#renderWays();
    this.#tell();
    const measured = draft.faults.get("lon") ?? draft.faults.get("lat");
    return h(
      "section",
      { "aria-labelledby": "heading" },
      heading(t("where"), t("step", { n: 1 })),
      canLocate() &&
        button(
          { class: "gps-button" },
          () => this.#app.locate(),
          sign("locate"),
          h("span", {}, t("gps"), h("small", {}, t("gpsHint"))),
        ),
      this.#status,
      measured ? h("p", { class: "fault", role: "alert" }, measured) : null,
      h("h3", {}, t("otherWays")),
      this.#ways,
    );
  }

  #tell(): void {
    const { place } = this.#app.draft;
    if (place?.way !== "gps") {
      this.#status.replaceChildren(this.#said ? t(this.#said) : "");
      return;
    }
    const poor = place.accuracy_m > 500;
    this.#status.replaceChildren(
      h("span", {}, poor ? t("gpsPoor", { m: metres(place.accuracy_m) }) : this.described()),
      button({ class: "button" }, () => this.#app.go("what"), t("next")),
    );
  }

  #renderWays(): void {
    const row = (way: Way, text: keyof Texts, icon: "map" | "text" | "commune"): HTMLElement => {
      const open = this.#way === way;
      return h(
        "div",
        { class: "way" },
        button(
          { class: "way-button", id: `way-${way}`, "aria-expanded": String(open) },
          () => {
            this.#way = open ? null : way;
            this.#renderWays();
            document.getElementById(`way-${way}`)?.focus();
          },
          sign(icon),
          h("span", {}, t(text)),
          drawing(DRAWINGS.chevron),
        ),
        open && h("div", { class: "way-body" }, this.#body(way)),
      );
    };
    this.#removeMap?.();
    this.#removeMap = null;
    this.#ways.replaceChildren(
      row("map", "byMap", "map"),
      row("commune", "byCommune", "commune"),
      row("text", "byText", "text"),
    );
  }

  #body(way: Way): HTMLElement {
    if (way === "map") return this.#map();
    return way === "text" ? this.#pasted() : this.#commune();
  }

  #choose(place: Place): void {
    this.#app.draft.place = place;
    for (const name of ["lon", "lat", "position", "commune_code", "address"])
      this.#app.draft.faults.delete(name);
    this.#app.go("what");
  }

  #map(): HTMLElement {
    if (!navigator.onLine) return h("p", { class: "hint" }, t("mapNeedsNetwork"));
    const status = h("p", { role: "status", class: "hint" }, t("mapLoading"));
    const place = h("div", { class: "picker" }, status);
    void this.#draw(place, status);
    return place;
  }

  async #draw(place: HTMLElement, status: HTMLElement): Promise<void> {
    const known = this.#app.draft.place;
    try {
      const { picker } = await import("../map/picker");
      const remove = await picker(place, status, {
        start: known && (known.way === "gps" || known.way === "map") ? known : null,
        chosen: (spot) => this.#choose({ way: "map", ...spot }),
      });
      if (place.isConnected) this.#removeMap = remove;
      else remove();
    } catch {
      status.textContent = t("mapFailed");
    }
  }

  #pasted(): HTMLElement {
    const { faults } = this.#app.draft;
    const input = h("textarea", { id: "position", rows: 2, maxlength: 2000 });
    input.value = this.#typed.position;
    input.addEventListener("input", () => {
      this.#typed.position = input.value;
    });
    return this.#form(
      [field(input, t("pasted"), { hint: t("pastedHint"), fault: faults.get("position") })],
      () => {
        const position = input.value.trim();
        faults.delete("position");
        if (position === "") faults.set("position", t("pastedMissing"));
        else this.#choose({ way: "text", position });
      },
    );
  }

  #commune(): HTMLElement {
    const { faults } = this.#app.draft;
    if (this.#app.communes.length === 0) return h("p", { class: "hint" }, t("communesAway"));
    const select = h(
      "select",
      { id: "commune_code" },
      h("option", { value: "" }, t("communeChoose")),
      ...this.#app.communes.map(({ code, name }) => h("option", { value: code }, name)),
    );
    select.value = this.#typed.commune_code;
    const address = h("input", { id: "address", maxlength: 300, autocomplete: "street-address" });
    address.value = this.#typed.address;
    const keep = (): void => {
      Object.assign(this.#typed, { commune_code: select.value, address: address.value });
    };
    select.addEventListener("change", keep);
    address.addEventListener("input", keep);
    return this.#form(
      [
        field(select, t("commune"), { fault: faults.get("commune_code") }),
        field(address, t("address"), { hint: t("addressHint"), fault: faults.get("address") }),
      ],
      () => {
        const commune_code = select.value;
        const text = address.value.trim();
        faults.delete("commune_code");
        faults.delete("address");
        if (commune_code === "") faults.set("commune_code", t("communeMissing"));
        if (text === "") faults.set("address", t("addressMissing"));
        if (faults.has("commune_code") || faults.has("address")) return;
        const commune = select.selectedOptions[0]?.textContent ?? "";
        this.#choose({ way: "commune", commune_code, commune, address: text });
      },
    );
  }

  #form(fields: HTMLElement[], submit: () => void): HTMLElement {
    const form = h(
      "form",
      { novalidate: true },
      ...fields,
      h("button", { type: "submit", class: "button button-strong wide" }, t("next")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
      if (!form.isConnected) return;
      this.#renderWays();
      this.#ways.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    });
    return form;
  }
}
