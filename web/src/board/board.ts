import type { MapConfig } from "../config";
import { h } from "../dom";
import { onLanguage } from "../locale";
import { AlertDesk, AlertsPanel } from "./alerts";
import { type Api, type Detail, Refused, type Session } from "./api";
import type { BoardMap } from "./board-map";
import { BoardData } from "./data";
import { DetailPanel } from "./detail";
import { Filters } from "./filters";
import { Bar, Messages, signedOut, Tabs } from "./frame";
import { Keys, showHelp } from "./keys";
import { frame, type Part } from "./layout";
import { RequestList } from "./list";
import { CLOSED, chosen, type Filter, isOpen, loads, NO_FILTER, type SosRequest } from "./model";
import { intakeList, redraw, teamList } from "./side";
import { Sound } from "./sound";
import { t, Words } from "./words";
import { type Task, Work } from "./work";

const FRESH_MS = 20_000;
const SETTLE_MS = 120;
const RANKERS: ReadonlySet<string> = new Set(["coordinator", "admin"]);

/** The board: what is read is kept in step; the list, the map and the detail are drawn from it. */
export class Board {
  readonly #api: Api;
  readonly #session: Session;
  readonly #config: MapConfig;
  readonly #words: Words;
  readonly #data: BoardData;
  readonly #sound = new Sound();
  readonly #keys: Keys;
  readonly #messages = new Messages();
  readonly #mapPlace = h("div", { id: "map" });
  readonly #legend = h("div", { class: "legend-lines" });
  readonly #fresh = new Set<string>();
  readonly #alertDesk: AlertDesk;
  #map: BoardMap | null = null;
  #selected: string | null = null;
  #side = 0;
  #drawing = 0;
  #reading = 0;
  // Made anew by `build`, in the language in use.
  #frame!: HTMLElement;
  #bar!: Bar;
  #tabs!: Tabs;
  #filters!: Filters;
  #list!: RequestList;
  #teams!: HTMLElement;
  #intake!: HTMLElement;
  #alerts!: AlertsPanel;
  #detail!: DetailPanel;
  #work!: Work;

  constructor(api: Api, session: Session, config: MapConfig, units: ReadonlyMap<string, string>) {
    this.#api = api;
    this.#session = session;
    this.#config = config;
    this.#words = new Words(config, units);
    this.#alertDesk = new AlertDesk(config.synthetic);
    this.#data = new BoardData(api, {
      changed: () => this.#draw(),
      touched: (id) => this.#touched(id),
      arrived: (request) => this.#arrived(request),
      waiting: () => this.#drawSide(),
      alerts: (version) => this.#map?.showAlerts(version),
      connected: (yes, since) => this.#bar.connected(yes, since),
      ended: () => this.#ended(),
    });
    this.#keys = new Keys({
      move: (step) => this.#move(step),
      verify: () => this.#verify(),
      task: (task) => this.#task(task),
      digit: (number) => this.#work.digit(number),
      search: () => this.#search(),
      escape: () => this.#escape(),
      help: () => showHelp(),
    });
  }

  /** Reads everything, then shows it. */
  async start(): Promise<void> {
    this.#build();
    await this.#data.load();
    document.body.replaceChildren(this.#frame);
    this.#data.watch();
    onLanguage(() => this.#rebuild());
    window.setInterval(() => {
      this.#list.tick();
      this.#bar.tick();
    }, 1000);
    await this.#drawMap();
  }

  #build(): void {
    const now = (): number => Date.now() + this.#api.ahead;
    this.#bar = new Bar(this.#session, this.#config, {
      sound: () => {
        this.#sound.toggle();
        this.#switches();
      },
      keys: () => {
        this.#keys.toggle();
        this.#switches();
      },
      help: () => showHelp(),
    });
    this.#filters = new Filters(this.#words, this.#filters?.value ?? this.#firstFilter(), () =>
      this.#filtered(),
    );
    this.#list = new RequestList((id) => this.select(id, true), now);
    this.#teams = h("div", { class: "scroll", hidden: true });
    this.#intake = h("div", { class: "scroll", hidden: true });
    this.#alerts = new AlertsPanel({
      api: this.#api,
      data: this.#data,
      words: this.#words,
      messages: this.#messages,
      desk: this.#alertDesk,
      mayIssue: RANKERS.has(this.#session.role),
      map: () => this.#map,
      front: (part) => this.#showPart(part),
      ended: () => this.#ended(),
      now,
    });
    this.#detail = new DetailPanel(
      this.#words,
      {
        step: (state) => void this.#work.step(state),
        openTask: (task) => this.#task(task),
        note: (text) => this.#work.note(text),
        priority: (priority, reason) => this.#work.priority(priority, reason),
        unmerge: () => this.#work.unmerge(),
        showOnMap: () => this.#showOnMap(),
        choose: (id) => this.select(id, true),
        codeOf: (id) => this.#data.requests.items.get(id)?.code ?? id.slice(0, 8),
      },
      RANKERS.has(this.#session.role),
    );
    this.#work = new Work(
      this.#api,
      this.#data,
      this.#detail,
      this.#words,
      this.#messages,
      () => this.#readDetail(),
      () => this.#ended(),
    );
    const names = [t("tabRequests"), t("tabTeams"), t("tabIntake"), t("tabAlerts")];
    this.#tabs = new Tabs(t("lists"), names, "side", (index) => this.#showSide(index));
    this.#frame = frame(
      {
        bar: this.#bar.element,
        tabs: this.#tabs.element,
        lists: [
          h("div", { class: "requests" }, this.#filters.element, this.#list.element),
          this.#teams,
          this.#intake,
          this.#alerts.element,
        ],
        map: this.#mapPlace,
        legend: this.#legend,
        detail: this.#detail.element,
        messages: this.#messages.element,
      },
      () => this.#map,
      (part) => this.#showPart(part),
    );
    this.#switches();
    this.#tabs.select(this.#side);
    this.#showPart("list");
  }

  /** Who works in one district begins with that. */
  #firstFilter(): Filter {
    const [district = "", ...more] = this.#session.districts ?? [];
    return more.length ? NO_FILTER : { ...NO_FILTER, district };
  }

  #rebuild(): void {
    this.#build();
    document.body.replaceChildren(this.#frame);
    this.#map?.setLabel(t("mapLabel"));
    this.#map?.drawing.translate();
    void this.#map?.legend().then((lines) => this.#legend.replaceChildren(lines));
    this.#draw();
    void this.#readDetail();
  }

  /** On a phone one part is shown at a time. */
  #showPart(part: Part): void {
    this.#frame.dataset.part = part;
    for (const one of this.#frame.querySelectorAll(".parts button"))
      one.setAttribute("aria-pressed", String(one.getAttribute("data-part") === part));
    if (part === "map") this.#map?.resize();
  }

  #showSide(index: number): void {
    this.#side = index;
    const requests = this.#list.element.parentElement;
    if (requests) requests.hidden = index !== 0;
    this.#teams.hidden = index !== 1;
    this.#intake.hidden = index !== 2;
    this.#alerts.element.hidden = index !== 3;
    if (index === 2) void this.#data.readWaiting();
    this.#drawSide();
  }

  #switches(): void {
    this.#bar.switches({ sound: this.#sound.on, keys: this.#keys.on });
    document.body.classList.toggle("keys-off", !this.#keys.on);
  }

  async #drawMap(): Promise<void> {
    try {
      const { BoardMap } = await import("./board-map");
      this.#map = await BoardMap.make(this.#mapPlace, this.#config, (id) => this.select(id, true));
      this.#map.setLabel(t("mapLabel"));
      this.#mapPlace.after(this.#map.drawing.element);
      this.#legend.replaceChildren(await this.#map.legend());
      this.#draw();
      this.#mark();
    } catch {
      this.#mapPlace.replaceChildren(h("p", { class: "empty" }, t("mapFailed")));
    }
  }

  /** Draws once for all that changes until the next frame; a page in the background too. */
  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = window.setTimeout(() => {
      this.#drawing = 0;
      this.#drawNow();
    }, 16);
  }

  #drawNow(): void {
    const { requests, assignments, teams } = this.#data;
    const all = [...requests.items.values()];
    const filter = this.#filters.value;
    const order = chosen(all, filter, assignments, this.#session.login, this.#words);
    const total = all.filter(({ state }) => isOpen(state)).length;
    this.#list.show(order, total, this.#selected, this.#fresh, assignments, this.#words);
    this.#tabs.rename(0, `${t("tabRequests")} (${total})`);
    this.#map?.showRequests(order);
    this.#map?.showTeams(teams.items.values());
    this.#drawSide();
  }

  #drawSide(): void {
    const { waiting, teams, assignments, requests } = this.#data;
    this.#tabs.rename(1, `${t("tabTeams")} (${teams.items.size})`);
    this.#tabs.rename(2, `${t("tabIntake")} (${waiting.length})`);
    this.#tabs.rename(3, `${t("tabAlerts")} (${this.#alerts.alerts.length})`);
    this.#alerts.update();
    const choose = (id: string): void => this.select(id, true);
    if (this.#side === 1) {
      const listed = loads(teams.items.values(), assignments);
      redraw(
        this.#teams,
        teamList(listed, requests.items, this.#words, choose, ({ position }) => {
          this.#showPart("map");
          this.#map?.goTo(position);
        }),
      );
    }
    if (this.#side === 2)
      redraw(
        this.#intake,
        intakeList(
          waiting,
          this.#words,
          (post, decision) => void this.#work.decide(post, decision),
        ),
      );
  }

  #filtered(): void {
    if (this.#filters.value.state === CLOSED)
      void this.#data.loadClosed().catch((error: unknown) => this.#refused(error));
    this.#draw();
  }

  /** Chooses a request; by hand, the detail comes to the front on a phone. */
  select(id: string, byHand: boolean): void {
    const isOther = id !== this.#selected;
    this.#selected = id;
    this.#fresh.delete(id);
    if (isOther) {
      const code = this.#data.requests.items.get(id)?.code ?? "";
      this.#detail.wait(t("loadingDetail", { code }));
      clearTimeout(this.#reading);
      // Who runs down the list by key is not to ask for every request on the way.
      this.#reading = window.setTimeout(() => void this.#readDetail(), byHand ? 0 : SETTLE_MS);
    }
    this.#drawNow();
    this.#list.reveal(id, !byHand);
    this.#mark();
    if (byHand) this.#showPart("detail");
  }

  #mark(): void {
    const position = this.#data.requests.items.get(this.#selected ?? "")?.position ?? null;
    this.#map?.select(position);
    if (position) this.#map?.reveal(position);
  }

  async #readDetail(): Promise<void> {
    const id = this.#selected;
    if (!id) return;
    try {
      const detail = await this.#api.read<Detail>(`/api/sos/${id}`);
      if (this.#selected === id) this.#detail.show(detail);
    } catch (error) {
      if (this.#selected === id) this.#detail.wait(this.#refused(error));
    }
  }

  /** Says why something could not be read. */
  #refused(error: unknown): string {
    if (!(error instanceof Refused)) throw error;
    if (error.status === 401) this.#ended();
    if (error.status === 404) return t("gone");
    return error.status === 0 ? t("serverAway") : t("refused", { detail: error.sentence() });
  }

  #touched(id: string | null): void {
    if (!this.#selected || (id !== null && id !== this.#selected)) return;
    clearTimeout(this.#reading);
    this.#reading = window.setTimeout(() => void this.#readDetail(), SETTLE_MS);
    this.#mark();
  }

  #arrived(request: SosRequest): void {
    const { id, code } = request;
    this.#fresh.add(id);
    window.setTimeout(() => {
      if (this.#fresh.delete(id)) this.#draw();
    }, FRESH_MS);
    const category = this.#words.category(request.category);
    const priority = this.#words.priority(request.priority);
    const place = this.#words.place(request);
    this.#messages.say(t("newRequest", { code, category, priority, place }));
    this.#sound.play();
  }

  #move(step: 1 | -1): void {
    if (this.#side !== 0) this.#tabs.select(0);
    const { order } = this.#list;
    const at = order.findIndex(({ id }) => id === this.#selected);
    const next = order[at < 0 ? 0 : Math.min(order.length - 1, Math.max(0, at + step))];
    if (next) this.select(next.id, false);
  }

  #verify(): void {
    if (this.#detail.shown?.state === "new") void this.#work.step("verified");
  }

  #task(task: Task): void {
    const { shown } = this.#detail;
    if (!shown || !isOpen(shown.state)) return;
    this.#showPart("detail");
    void this.#work.open(task);
  }

  #search(): void {
    this.#showPart("list");
    this.#tabs.select(0);
    this.#filters.search.focus();
    this.#filters.search.select();
  }

  #escape(): void {
    if (this.#work.task) this.#work.cancel();
    // Out of the search field, so that the next key is a shortcut again.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    if (this.#selected) this.#list.reveal(this.#selected, true);
  }

  #showOnMap(): void {
    const { shown } = this.#detail;
    this.#showPart("map");
    if (shown) this.#map?.goTo([shown.lon, shown.lat]);
  }

  #ended(): void {
    this.#data.stop();
    // What is on the screen is no longer this person's to see.
    document.body.replaceChildren(signedOut());
  }
}
