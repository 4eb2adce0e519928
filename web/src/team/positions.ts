import { keep, kept } from "../device-store";
import { button, h } from "../dom";
import { Compass } from "./compass";
import { bearing, compassPoint, distance, type Place } from "./geo";
import { arrow, turn } from "./parts";
import { type Fix, Sharer, type Sharing, watch } from "./position";
import { post } from "./server";
import type { Store } from "./store";
import { clock, metres, t } from "./text";

const SHARED = "sharing";
const TURN_MS = 1000;

/** Where this device is: shown as the way to each task and, if it is so wished, told the server. */
export class Positions {
  readonly #store: Store;
  readonly #changed: () => void;
  readonly #compass = new Compass(() => this.#turn());
  #turning = 0;
  #fix: Fix | null = null;
  #stop: (() => void) | null = null;
  #sharer: Sharer | null = null;
  #sharing: Sharing = { kind: "starting" };
  #failed: "denied" | "none" | null = null;
  #shownAt = 0;

  constructor(store: Store, changed: () => void) {
    this.#store = store;
    this.#changed = changed;
  }

  get fix(): Fix | null {
    return this.#fix;
  }

  get sharedTeam(): number | null {
    return this.#sharer?.team ?? null;
  }

  /** Goes on with what was on: sharing by this login, and measuring where that is allowed. */
  async resume(login: string): Promise<void> {
    const shared = await kept<{ login: string; team: number }>(this.#store, SHARED);
    if (shared && login && shared.login === login) {
      await this.share(shared.team, login);
      return;
    }
    const allowed = await navigator.permissions
      ?.query({ name: "geolocation" })
      .catch(() => undefined);
    if (allowed?.state === "granted") this.measure();
  }

  /** Begins to tell where a team is; null ends it. That it is on is kept, no place ever is. */
  async share(team: number | null, login: string): Promise<void> {
    this.#sharing = { kind: "starting" };
    this.#sharer?.stop();
    this.#sharer =
      team === null
        ? null
        : new Sharer(
            team,
            (id, body) => post(`/api/teams/${id}/position`, body).then(() => undefined),
            (how) => {
              this.#sharing = how;
              this.#changed();
            },
          );
    await keep(this.#store, SHARED, team === null ? null : { login, team });
    if (team !== null) this.measure();
    if (this.#fix) void this.#sharer?.tell(this.#fix);
    this.#changed();
  }

  /** Ends sharing and measuring. */
  async end(): Promise<void> {
    this.#stop?.();
    this.#stop = null;
    this.#fix = null;
    if (this.#sharer || (await kept(this.#store, SHARED))) await this.share(null, "");
  }

  /** Asks the device where it is, from now on. */
  measure(): void {
    if (this.#stop && !this.#failed) return;
    this.#stop?.();
    this.#failed = null;
    if (!isSecureContext || !("geolocation" in navigator)) {
      this.#failed = "none";
      this.#changed();
      return;
    }
    this.#stop = watch(
      (fix) => {
        this.#failed = null;
        this.#fix = fix;
        void this.#sharer?.tell(fix);
        if (Date.now() - this.#shownAt < TURN_MS) return;
        this.#shownAt = Date.now();
        this.#changed();
      },
      (denied) => {
        this.#failed = denied ? "denied" : "none";
        this.#changed();
      },
    );
  }

  /** What is said of the sharing of a team's position. */
  text(team: number): string {
    if (this.sharedTeam !== team) return t("shareOff");
    if (this.#failed) return t(this.#failed === "denied" ? "gpsDenied" : "gpsFailed");
    if (this.#sharing.kind === "shared") return t("sharedAt", { at: clock(this.#sharing.at) });
    if (this.#sharing.kind === "starting") return t("shareStarting");
    return t(this.#sharing.why === "offline" ? "shareOffline" : "shareRefused");
  }

  /** The strip at the top that says that sharing is on. */
  notice(place: HTMLElement): void {
    let line = place.querySelector<HTMLElement>(".sharing-on");
    if (!line) {
      line = h("p", { class: "sharing-on" });
      place.append(line);
    }
    line.hidden = this.sharedTeam === null;
    line.textContent = this.sharedTeam === null ? "" : t("sharingOn");
  }

  /** Says what is up where an arrow points, and offers to turn it where that has to be asked for. */
  #explain(place: HTMLElement): void {
    const { heading, mustAsk } = this.#compass;
    place.hidden = this.#fix === null;
    const text = t(heading === null ? "arrowNorth" : "arrowTurns");
    if (place.dataset.says === text && place.childElementCount === Number(mustAsk)) return;
    place.dataset.says = text;
    place.replaceChildren(text);
    if (mustAsk)
      place.append(
        button(
          { class: "button", "data-key": "compass" },
          () => void this.#compass.ask(),
          t("arrowAsk"),
        ),
      );
  }

  /** Turns the arrows as the device is turned, at most once a frame. */
  #turn(): void {
    cancelAnimationFrame(this.#turning);
    this.#turning = requestAnimationFrame(() => {
      for (const one of document.querySelectorAll<SVGElement>(".arrow"))
        turn(one, this.#compass.heading ?? 0);
      for (const one of document.querySelectorAll<HTMLElement>(".arrow-says")) this.#explain(one);
    });
  }

  /** What offers to measure the position, until it is measured. */
  offer(): HTMLElement {
    const says = h("p", { class: "quiet offer-text", role: "status" });
    const measure = button(
      { class: "button", "data-key": "measure" },
      () => this.measure(),
      t("measure"),
    );
    return h("div", { class: "offer" }, measure, says);
  }

  /** Writes the way to each task, and how measuring stands, into the page. */
  fill(root: HTMLElement): void {
    for (const one of root.querySelectorAll<HTMLElement>(".direction")) {
      const to = { lon: Number(one.dataset.lon), lat: Number(one.dataset.lat) };
      if (this.#fix) one.replaceChildren(...direction(this.#fix, to, this.#compass.heading ?? 0));
      else one.replaceChildren();
    }
    for (const one of root.querySelectorAll<HTMLElement>(".arrow-says")) this.#explain(one);
    const offer = root.querySelector<HTMLElement>(".offer");
    if (offer) {
      offer.hidden = this.#fix !== null;
      const text = offer.querySelector(".offer-text");
      if (text)
        text.textContent = this.#failed
          ? t(this.#failed === "denied" ? "gpsDenied" : "gpsFailed")
          : "";
    }
    const team = this.sharedTeam;
    const told = team === null ? null : root.querySelector(`#sharing-${team}`);
    if (told && team !== null) {
      const text = this.text(team);
      if (told.textContent !== text) told.textContent = text;
    }
  }
}

function direction(from: Fix, to: Place, heading: number): (Node | string)[] {
  const far = distance(from, to);
  // Nearer than the device can tell there is no direction.
  if (far <= Math.max(20, from.accuracy_m)) return [h("span", {}, t("here"))];
  const degrees = bearing(from, to);
  return [
    arrow(degrees, heading),
    h("span", {}, t("towards", { far: metres(far), where: t(compassPoint(degrees)) })),
  ];
}
