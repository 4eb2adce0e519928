import { h } from "../dom";
import { formatInstant, formatNumber, formatShortDate } from "../format";
import { type Choices, type FileTold, title, type Whole } from "./data";
import { stateOf } from "./list";
import { t } from "./text";

const KB = 1024;

/** One directive: facts, where it applies, its files, what replaces it. */
export function detail(one: Whole, offered: Choices, tools: Node | null): HTMLElement {
  return h(
    "article",
    { class: "one", "aria-labelledby": "one-title" },
    h("p", { class: "kicker" }, title(offered.kinds, one.kind)),
    h("h2", { id: "one-title", tabindex: -1 }, one.number),
    h("p", { class: "subject" }, one.title),
    h(
      "p",
      { class: "badges" },
      stateOf(one, offered),
      one.audience === "internal" && h("span", { class: "badge" }, t("internal")),
    ),
    one.summary ? h("p", { class: "summary" }, one.summary) : null,
    filesOf(one),
    tools,
    facts(one, offered),
    h("img", {
      class: "area",
      src: one.picture,
      alt: t("area", { number: one.number }),
      width: 340,
      height: 258,
    }),
    h(
      "p",
      { class: "links" },
      h("a", { class: "button", href: `/#feature=directives/${one.id}` }, t("onMap")),
      h(
        "a",
        { class: "button", href: `/ogc/collections/records/items/${one.id}?f=html` },
        t("record"),
      ),
    ),
  );
}

function facts(one: Whole, offered: Choices): HTMLElement {
  const from = formatInstant(one.validFrom, offered.timeZone);
  const validity = one.endsAt
    ? t("fromUntil", { from, until: formatInstant(one.endsAt, offered.timeZone) })
    : t("from", { from });
  const rows: [string, Node | string][] = [
    [t("issuer"), one.issuer],
    [t("issuedOn"), formatShortDate(one.issuedOn)],
    [t("field"), title(offered.fields, one.field)],
    [t("validity"), validity],
    [t("scope"), title(offered.scopes, one.scope)],
  ];
  if (one.units.length) rows.push([t("units"), one.units.map(({ name }) => name).join(", ")]);
  for (const { relation, id, number, title: subject } of one.relations)
    rows.push([
      t(relation === "replaces" ? "replaces" : "replacedBy"),
      h("a", { href: `#${id}` }, `${number} · ${subject}`),
    ]);
  return h(
    "dl",
    { class: "facts" },
    ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );
}

function filesOf(one: Whole): HTMLElement {
  const hidden = one.fileCount - one.files.length;
  return h(
    "section",
    { class: "files", "aria-labelledby": "files-title" },
    h("h3", { id: "files-title" }, t("files")),
    one.files.length > 0 && h("ul", {}, ...one.files.map((file) => h("li", {}, fileOf(file)))),
    one.fileCount === 0 && h("p", { class: "quiet" }, t("noFiles")),
    hidden > 0 && h("p", { class: "quiet" }, t("staffFiles", { n: formatNumber(hidden) })),
  );
}

function fileOf(file: FileTold): HTMLElement {
  const size =
    file.bytes < KB * KB
      ? `${formatNumber(Math.ceil(file.bytes / KB))} KB`
      : `${formatNumber(Math.round((file.bytes / KB / KB) * 10) / 10)} MB`;
  const told = [
    t("fileFacts", { pages: formatNumber(file.pages), size }),
    file.hasText ? "" : t("noText"),
  ];
  return h(
    "div",
    { class: "file" },
    h(
      "a",
      { class: "file-name", href: file.href, target: "_blank", rel: "noopener" },
      h("b", {}, file.name),
      h("span", { class: "quiet" }, told.filter(Boolean).join(" · ")),
    ),
    h(
      "a",
      {
        class: "button",
        href: `${file.href}?download=true`,
        "aria-label": t("downloadOf", { name: file.name }),
      },
      t("download"),
    ),
  );
}
