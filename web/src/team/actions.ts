import { button, h } from "../dom";
import type { TeamApp } from "./app";
import { saidText } from "./list";
import { nextStep, type Step, type Task } from "./model";
import { ask } from "./parts";
import { canUndo, type Entry } from "./store";
import { t } from "./text";

/** For how long a step can be taken back before it is sent. */
export const UNDO_MS = 5000;

const LABELS: Record<Step, "goEnRoute" | "goOnSite" | "goResolved"> = {
  en_route: "goEnRoute",
  on_site: "goOnSite",
  resolved: "goResolved",
};

/** The controls of a task, for one thumb at the bottom of the screen. */
export function actionsView(app: TeamApp, task: Task): HTMLElement[] {
  const fresh = app.entries.find((entry) => isFresh(entry, task));
  // For a moment the next step cannot be tapped: a second tap on the same place is no step.
  if (fresh)
    return [
      h("p", { class: "taken", role: "status" }, t("taken", { what: saidText(app, fresh.said) })),
      button(
        { class: "button undo", "data-key": "undo" },
        () => void app.undo(fresh.key as number),
        t("undo"),
      ),
    ];
  const step = nextStep(task.state);
  return [
    button(
      { class: "button cannot", "data-key": "cannot" },
      () => void decline(app, task),
      t("cannot"),
    ),
    step &&
      button(
        { class: `button go go-${step}`, "data-key": "go" },
        () => void take(app, task, step),
        t(LABELS[step]),
      ),
  ].filter((one) => one !== null);
}

function isFresh(entry: Entry, { id }: Task): boolean {
  const { said } = entry;
  return (
    said.kind !== "team" && said.request === id && canUndo(entry) && entry.next_at > Date.now()
  );
}

async function take(app: TeamApp, task: Task, value: Step): Promise<void> {
  const said = { kind: "step", request: task.id, code: task.code, value } as const;
  if (value !== "resolved") {
    await app.report(said, { wait_ms: UNDO_MS });
    return;
  }
  const note = await ask({
    title: t("askResolved", { code: task.code }),
    hint: t("askResolvedHint"),
    note: t("noteOptional"),
    yes: t("goResolved"),
    isDanger: false,
  });
  if (note !== null) await app.report(said, { note });
}

async function decline(app: TeamApp, task: Task): Promise<void> {
  const note = await ask({
    title: t("askDecline", { code: task.code }),
    hint: t("askDeclineHint"),
    note: t("declineWhy"),
    yes: t("cannot"),
    isDanger: true,
  });
  if (note !== null)
    await app.report(
      { kind: "decline", request: task.id, code: task.code, value: "decline" },
      { note },
    );
}
