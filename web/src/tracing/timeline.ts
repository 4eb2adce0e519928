import { svg } from "../dashboard/svg";
import { h } from "../dom";
import { clock } from "../form-parts";
import type { Contact, Trace } from "./api";
import { nameOf } from "./contacts";
import { t } from "./text";

const WIDE = 860;
const NAMES = 240;
const ROW = 22;
const TOP = 24;
const LEAST = 3;
const DAY_MS = 86_400_000;
const LONGEST = 36;

/** Who met when: a row for each contact, a bar for each meeting. The table beside it says the same. */
export function timeline(trace: Pick<Trace, "since" | "until">, contacts: Contact[]): HTMLElement {
  const since = Date.parse(trace.since);
  const until = Date.parse(trace.until);
  const x = (at: string | number): number => {
    const part = (new Date(at).getTime() - since) / (until - since);
    return NAMES + Math.min(1, Math.max(0, part)) * (WIDE - NAMES);
  };
  const high = TOP + contacts.length * ROW;
  const drawn = svg("svg", {
    viewBox: `0 0 ${WIDE} ${high}`,
    role: "img",
    "aria-label": t("timeline"),
    class: "trace-timeline",
  });
  const first = new Date(since);
  first.setHours(24, 0, 0, 0);
  const every = Math.ceil((until - since) / DAY_MS / 8) || 1;
  for (let day = 0, at = first.getTime(); at < until; day++, at += DAY_MS) {
    drawn.append(svg("line", { class: "trace-day", x1: x(at), x2: x(at), y1: TOP - 6, y2: high }));
    const text = clock(at).split(", ")[1]?.slice(0, 5) ?? "";
    if (day % every === 0) drawn.append(svg("text", { x: x(at) + 3, y: TOP - 8 }, text));
  }
  contacts.forEach((contact, row) => {
    const y = TOP + row * ROW;
    const name = nameOf(contact);
    const short = name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
    drawn.append(svg("text", { x: 0, y: y + 15 }, short));
    for (const met of contact.evidence ?? []) {
      const place = met.kind === "proximity" ? t("devices") : (met.name ?? t("placeGone"));
      const title = `${name}: ${place}, ${clock(met.from)} – ${clock(met.to)}`;
      const bar = {
        class: met.kind === "proximity" ? "trace-near" : "trace-there",
        x: x(met.from),
        y: y + 4,
        width: Math.max(LEAST, x(met.to) - x(met.from)),
        height: ROW - 8,
      };
      const made = svg("rect", bar, svg("title", {}, title));
      if (met.estimated) made.classList.add("is-estimated");
      drawn.append(made);
    }
  });
  const scrolled = h("div", {
    class: "trace-scroll",
    tabindex: 0,
    role: "region",
    "aria-label": t("timeline"),
  });
  scrolled.append(drawn);
  return h("figure", { class: "trace-figure" }, scrolled, h("figcaption", {}, t("timelineKey")));
}
