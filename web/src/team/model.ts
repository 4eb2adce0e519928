import type { Report } from "../board/api";
import type { Place } from "./geo";

/** A request that a team has, as `GET /api/teams/mine` tells it. */
export interface Task extends Place {
  id: string;
  code: string;
  category: string;
  priority: string;
  state: string;
  people: number | null;
  injured: number | null;
  children: number | null;
  elderly: number | null;
  commune_code: string | null;
  accuracy_m: number | null;
  reported_at: string;
  assigned_at: string;
}

export interface Team extends Place {
  id: number;
  code: string;
  name: string;
  state: string;
  position_at: string;
  tasks: Task[];
}

/** What only those who work on a request see of it. */
export interface More {
  report: Report | null;
  photos: { id: string }[];
  /** What was said in its timeline: by whom, when. */
  notes: { at: string; actor: string | null; note: string }[];
}

/** The tasks of a login as the server told them last. */
export interface Snapshot {
  login: string;
  /** Milliseconds since 1970, by this device's clock. */
  at: number;
  teams: Team[];
  more: Record<string, More>;
}

/** What a team does with a task, in the order of the work. */
export const STEPS = ["en_route", "on_site", "resolved"] as const;
export type Step = (typeof STEPS)[number];
export const TEAM_STATES = ["free", "busy", "off"] as const;
export type TeamState = (typeof TEAM_STATES)[number];

/** What a report says: a step or a refusal of a task, or the team's own state. */
export type Said =
  | { kind: "step"; request: string; code: string; value: Step }
  | { kind: "decline"; request: string; code: string; value: "decline" }
  | { kind: "team"; team: number; code: string; value: TeamState };

/** The step that comes after a state; null where there is none for a team to take. */
export function nextStep(state: string): Step | null {
  if (state === "assigned") return "en_route";
  if (state === "en_route") return "on_site";
  return state === "on_site" ? "resolved" : null;
}

/** The snapshot as it is once what this device has reported is taken. */
export function applied(snapshot: Snapshot, said: readonly Said[]): Snapshot {
  const gone = new Set<string>();
  const states = new Map<string, string>();
  const teams = new Map<number, string>();
  for (const one of said) {
    if (one.kind === "team") teams.set(one.team, one.value);
    else if (one.value === "resolved" || one.kind === "decline") gone.add(one.request);
    else states.set(one.request, one.value);
  }
  return {
    ...snapshot,
    teams: snapshot.teams.map((team) => ({
      ...team,
      state: teams.get(team.id) ?? team.state,
      tasks: team.tasks
        .filter(({ id }) => !gone.has(id))
        .map((task) => ({ ...task, state: states.get(task.id) ?? task.state })),
    })),
  };
}
