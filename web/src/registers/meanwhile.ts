import { h } from "../dom";
import { changeItem, lines } from "../edit/history";
import { formatInstant } from "../format";
import { withOffers } from "./records";
import type { RowContext } from "./row-view";
import type { TaggedRow } from "./server";
import { t } from "./text";

/** What has become of a row since it was read. */
export interface Meanwhile {
  found: TaggedRow;
  /** Who changed a column last, and when. */
  by: ReadonlyMap<string, string>;
  /** The changes in words, the newest first. */
  list: HTMLElement;
}

/** Reads a row again, with what was changed since the state that somebody began from. */
export async function meanwhile(context: RowContext, base: TaggedRow): Promise<Meanwhile> {
  const { record, offers, server, zone } = context;
  const id = String(base.row.id);
  const [found, history] = await Promise.all([
    server.row(record.id, id),
    server.history(record.id, id),
  ]);
  // Each change makes one version.
  const changes = history.slice(0, Math.max(0, version(found) - version(base)));
  const columns = withOffers(record.columns, offers, false);
  const by = new Map<string, string>();
  for (const { actor, at, changes: parts } of [...changes].reverse())
    for (const { column } of parts)
      by.set(column, t("changedBy", { who: actor ?? "", at: formatInstant(at, zone) }));
  const items = changes.map(async (change) =>
    changeItem(change, await lines(change, columns, zone, async () => null), zone),
  );
  return { found, by, list: h("ol", { class: "history-list" }, ...(await Promise.all(items))) };
}

function version({ row }: TaggedRow): number {
  return Number(row.version);
}
