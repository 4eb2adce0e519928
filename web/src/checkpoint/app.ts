import { button, h } from "../dom";
import { onLanguage, pick } from "../locale";
import { fillBar } from "../menu/bar";
import { session } from "../menu/session";
import { keepInStep, sender } from "../queue-page";
import { recall, remember } from "../recall";
import { requestSync } from "../worker";
import { Camera, type Trouble } from "./camera";
import { chooser } from "./chooser";
import { type Checkpoint, checkpoints, choose, chosen } from "./places";
import { flushOfficers, heardOf, nextIn, OFFICERS } from "./queue";
import { listenToReader } from "./reader";
import { cardKeys, readText, type Standing, standing } from "./scan";
import * as store from "./store";
import { t } from "./text";
import { codeForm, nameForm } from "./typed";
import { type Colour, VerdictPlace } from "./verdict";
import { WaitingEvents } from "./waiting";

const LOGIN = "dieuhanh.checkpoint.login";
const COUNTS = "dieuhanh.checkpoint.counts";
const ROLES: ReadonlySet<string> = new Set(["officer", "admin"]);
const TROUBLES = {
  denied: "cameraDenied",
  absent: "cameraAbsent",
  busy: "cameraBusy",
  insecure: "cameraInsecure",
} as const;

type Way = "in" | "out";
type Who = "unknown" | "known" | "signedOut" | "notYours";

interface Counts {
  day: string;
  in: number;
  out: number;
}

/** The page of an officer at a site: who comes and goes is recorded, with a network or without. */
export class CheckpointApp {
  readonly #store: store.Store;
  #entries: store.Entry[] = [];
  #all: Checkpoint[] | null = null;
  #failed = false;
  #place = chosen();
  #way: Way = "in";
  #who: Who = "unknown";
  #login = recall<string>(LOGIN) ?? "";
  /** The event that the verdict is of, and what this device knows of its card. */
  #shown: { entry: store.Entry; standing: Standing } | null = null;
  #number: string | null = null;
  readonly #typed = { text: "" };
  #keys: Awaited<ReturnType<typeof cardKeys>> = [];
  #trouble: Trouble | null = null;
  readonly #video = h("video", { class: "camera", muted: true, playsinline: true });
  readonly #camera = new Camera(this.#video, (text) => void this.#read(text));
  readonly #bar = h("header", { class: "page-bar team-bar" });
  readonly #main = h("main", { class: "team checkpoint", tabindex: -1 });
  readonly #verdict = new VerdictPlace();
  readonly #counted = h("p", { class: "quiet" });
  readonly #left = new WaitingEvents(
    { t, signedOut: () => t("delaySignedOut") },
    () => void this.#connect(),
    (id) => void this.#dismiss(id),
  );
  readonly #send = sender({
    wake: () => store.wake(this.#store),
    flush: async () => {
      await flushOfficers(this.#store, this.#login, (entry, outcome) => this.#told(entry, outcome));
      await this.#reload();
    },
    nextIn: () => nextIn(this.#store),
  });

  constructor(opened: store.Store) {
    this.#store = opened;
  }

  async start(): Promise<void> {
    document.body.replaceChildren(this.#bar, this.#main);
    await this.#reload();
    this.#render();
    onLanguage(() => this.#render());
    keepInStep(OFFICERS, {
      connected: (is) => void (is && this.#connect()),
      seen: (is) => {
        // A camera that nobody looks through is off.
        if (!is && this.#camera.isOn) this.#stop();
        if (is) void this.#connect();
        else void this.#leaveToWorker();
      },
      changed: (said) => this.#heard(said),
    });
    listenToReader((text) => void this.#read(text));
    await this.#connect();
  }

  /** Asks who is signed in, for the sites and the keys of cards, and sends what waits. */
  async #connect(): Promise<void> {
    if (navigator.onLine) {
      const signed = await session().catch(() => null);
      if (signed) this.#known(signed.signedIn, signed.login, signed.role);
    }
    this.#keys = await cardKeys();
    if (!this.#all) await this.#load();
    await this.#send(true);
  }

  #known(signedIn: boolean, login: string, role: string): void {
    const was = this.#who;
    this.#who = !signedIn ? "signedOut" : ROLES.has(role) ? "known" : "notYours";
    if (this.#who === "known" && login !== this.#login) {
      this.#login = login;
      remember(LOGIN, login);
      this.#render();
    } else if (was !== this.#who) this.#render();
  }

  async #load(): Promise<void> {
    this.#failed = false;
    try {
      this.#all = await checkpoints();
    } catch {
      this.#failed = true;
    }
    if (!this.#place) this.#render();
  }

  async #reload(): Promise<void> {
    this.#entries = await store.entries(this.#store);
    this.#left.show(this.#entries);
    this.#showCounts();
  }

  /** The service worker has sent something, or another page has changed what waits. */
  #heard(said: unknown): void {
    const outcome = heardOf(said, this.#shown?.entry.id);
    if (this.#shown && outcome) this.#told(this.#shown.entry, outcome);
    void this.#reload();
  }

  /** What waits is sent by the service worker once the page is closed, if its officer is signed in. */
  async #leaveToWorker(): Promise<void> {
    if (this.#entries.some(({ state }) => state !== "refused")) await requestSync(OFFICERS);
  }

  #render(): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset.key;
    fillBar(this.#bar, t("title"));
    this.#left.show(this.#entries);
    const body = this.#place
      ? this.#scanner(this.#place)
      : chooser(
          this.#all,
          this.#failed,
          this.#typed,
          (one) => this.#choose(one),
          () => void this.#load(),
        );
    this.#main.replaceChildren(...this.#rights(), ...body);
    if (focused) this.#main.querySelector<HTMLElement>(`[data-key="${focused}"]`)?.focus();
  }

  #rights(): HTMLElement[] {
    if (this.#who === "notYours") return [h("p", { class: "honest" }, t("notYours"))];
    if (this.#who !== "signedOut") return [];
    const link = h(
      "a",
      { class: "button button-strong", href: "/sign-in?next=/checkpoint" },
      t("signIn"),
    );
    return [h("p", { class: "honest" }, t("signedOut")), link];
  }

  #choose(one: Checkpoint | null): void {
    this.#stop();
    this.#place = one;
    this.#verdict.clear();
    this.#shown = this.#number = null;
    choose(one);
    this.#render();
    this.#main.querySelector<HTMLElement>("h2")?.focus();
  }

  #scanner(place: Checkpoint): HTMLElement[] {
    const isOn = this.#camera.isOn;
    this.#video.hidden = !isOn;
    this.#video.setAttribute("aria-label", t("cameraLabel"));
    this.#showCounts();
    return [
      h(
        "div",
        { class: "place-now" },
        h("h2", { tabindex: -1 }, place.name),
        h("p", { class: "quiet" }, [place.code, place.road].filter(Boolean).join(" · ")),
        button({ class: "button", "data-key": "change" }, () => this.#choose(null), t("change")),
      ),
      h("div", { class: "ways", role: "group", "aria-label": t("direction") }, ...this.#ways()),
      this.#verdict.element,
      this.#video,
      this.#number === null
        ? codeForm((text) => void this.#read(text))
        : nameForm(
            this.#number,
            (name) => void this.#named(name),
            () => this.#ask(null),
          ),
      this.#trouble
        ? h("p", { class: "fault", role: "alert" }, t(TROUBLES[this.#trouble]))
        : h("p", { class: "quiet" }, t(isOn ? "cameraOn" : "cameraHint")),
      button(
        { class: `button ${isOn ? "" : "button-strong"}`, "data-key": "camera" },
        () => void (isOn ? this.#stop() : this.#start()),
        t(isOn ? "cameraStop" : "cameraStart"),
      ),
      this.#left.element,
      this.#counted,
      ...(this.#login ? [h("p", { class: "quiet" }, t("recordedAs", { login: this.#login }))] : []),
    ];
  }

  #ways(): HTMLElement[] {
    return (["in", "out"] as const).map((way) =>
      button(
        {
          class: "state-button way-button",
          "aria-pressed": String(this.#way === way),
          "data-key": `way-${way}`,
        },
        () => {
          this.#way = way;
          this.#render();
        },
        word(way),
      ),
    );
  }

  async #start(): Promise<void> {
    this.#trouble = await this.#camera.start();
    this.#render();
  }

  #stop(): void {
    this.#camera.stop();
    this.#trouble = null;
    this.#render();
  }

  async #read(text: string): Promise<void> {
    if (!this.#place) return;
    const read = readText(text);
    if (read.kind === "number") this.#ask(read.number);
    else if (read.kind === "idCard") await this.#record({ id_card: read.text }, "unknown");
    else if (read.kind === "card") {
      const known = await standing(read.token, this.#keys);
      if (known === "forged" || known === "expired") this.#show("bad", t("refusedTitle"), t(known));
      else await this.#record({ token: read.token }, known);
    } else
      this.#show("bad", t("refusedTitle"), t(read.kind === "site" ? "thatIsASite" : "unknownCode"));
  }

  #ask(number: string | null): void {
    this.#number = number;
    this.#verdict.clear();
    this.#shown = null;
    this.#render();
    this.#main.querySelector<HTMLElement>(number === null ? "#code" : "#name")?.focus();
  }

  async #named(name: string): Promise<void> {
    const number = this.#number;
    if (number === null) return;
    this.#ask(null);
    await this.#record({ number, name }, "unknown");
  }

  async #record(whose: Partial<store.Said>, known: Standing): Promise<void> {
    const place = this.#place;
    if (!place) return;
    const said: store.Said = { site: place.site, direction: this.#way, ...whose };
    try {
      const entry = await store.enqueue(this.#store, this.#login, place.name, said);
      this.#shown = { entry, standing: known };
    } catch {
      this.#show("bad", t("refusedTitle"), t("noStore"));
      return;
    }
    this.#count(said.direction);
    if (navigator.onLine) this.#verdict.write("kept", t("sending"), t("sendingText"));
    await this.#send(false);
    // Another page of this device may be sending it, or there is no network.
    const waits = this.#entries.some(({ id }) => id === this.#shown?.entry.id);
    if (waits && (!navigator.onLine || this.#verdict.title === t("sending"))) this.#kept(said);
    await this.#leaveToWorker();
  }

  #kept({ direction }: store.Said): void {
    const text = t(this.#shown?.standing === "good" ? "keptGood" : "keptUnknown");
    this.#show("kept", t("keptTitle", { way: word(direction) }), text);
  }

  #told({ id, said }: store.Entry, outcome: store.Outcome): void {
    if (id !== this.#shown?.entry.id) return;
    const way = word(said.direction);
    if (outcome.kind === "later") this.#kept(said);
    else if (outcome.kind === "refused") this.#show("bad", t("refusedTitle"), pick(outcome.reason));
    else if (outcome.declared === false)
      this.#show("caution", t("undeclaredTitle", { way }), t("undeclaredText"));
    else this.#show("good", t(outcome.again ? "againTitle" : "goodTitle", { way }), t("goodText"));
  }

  #show(colour: Colour, title: string, text: string): void {
    this.#verdict.tell(colour, title, text);
    this.#render();
  }

  /** What this device has recorded here today, what was refused and is still listed included. */
  #counts(): Counts {
    const day = new Date().toDateString();
    const known = recall<Record<string, Counts>>(COUNTS)?.[this.#place?.site ?? ""];
    return known?.day === day ? known : { day, in: 0, out: 0 };
  }

  #count(way: Way, by = 1): void {
    const counts = this.#counts();
    counts[way] = Math.max(0, counts[way] + by);
    remember(COUNTS, { [this.#place?.site ?? ""]: counts });
  }

  #showCounts(): void {
    const counts = this.#counts();
    const refused = this.#entries.filter((one) => one.state === "refused" && this.#isOfToday(one));
    for (const { said } of refused) counts[said.direction] -= 1;
    const { in: came, out: went } = counts;
    this.#counted.textContent = t("counted", { in: Math.max(0, came), out: Math.max(0, went) });
  }

  #isOfToday({ said, made_at }: store.Entry): boolean {
    return (
      said.site === this.#place?.site && new Date(made_at).toDateString() === this.#counts().day
    );
  }

  /** Takes a refused one off the list, and out of the counts for good. */
  async #dismiss(id: string): Promise<void> {
    const entry = this.#entries.find((one) => one.id === id);
    if (entry && this.#isOfToday(entry)) this.#count(entry.said.direction, -1);
    await store.dismiss(this.#store, id);
    await this.#reload();
  }
}

const word = (way: Way): string => t(way === "in" ? "goingIn" : "goingOut");
