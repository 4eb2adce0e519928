import { Calls, Refusal } from "../edit/calls";
import type { Change } from "../edit/server";
import { type Bilingual, language } from "../locale";
import type { Offers, RegisterRecord, Row } from "./records";

/** A page of rows. */
export interface Page {
  rows: Row[];
  next: string | null;
  numberMatched: number;
  isCounted: boolean;
}

/** A row, with the tag that names the state it is in. */
export interface TaggedRow {
  row: Row;
  tag: string;
}

/** What came of a sheet. */
export interface Taken {
  read: number;
  bad: number;
  written: boolean;
  ignored: string[];
  problems: { line: number; column: string | null; value: string; rule: Bilingual }[];
}

/** One change of a row. */
export interface RowChange extends Pick<Change, "at" | "actor" | "operation" | "changes"> {
  id: number;
  /** Why an earlier state was brought back, and of when that is; null for any other change. */
  reason: string | null;
  restores: string | null;
  /** Whether the row may be made what it was after this change. */
  mayRestore: boolean;
}

/** A row that is gone, as it last was, and the change that deleted it. */
export interface DeletedRow {
  change: number;
  id: string;
  at: string;
  actor: string;
  row: Row;
}

const JSON_TYPE = "application/json";

/** What the page of registers asks of the server, with the cookie of the session. */
export class RegisterServer extends Calls {
  registers(): Promise<{ registers: RegisterRecord[]; timeZone: string }> {
    return this.read("/api/registers");
  }

  offers(register: string): Promise<Offers> {
    return this.read(`${address(register)}/places`);
  }

  /** A page of rows. What is looked for goes in the body: names of people are in no address. */
  async page(register: string, asked: Record<string, string>): Promise<Page> {
    const answer = await this.change("POST", `${address(register)}/search`, asked, JSON_TYPE);
    return (await answer.json()) as Page;
  }

  async row(register: string, id: string): Promise<TaggedRow> {
    return tagged(await this.ask("GET", address(register, id)));
  }

  async history(register: string, id: string): Promise<RowChange[]> {
    const path = `${address(register, id)}/history`;
    return (await this.read<{ changes: RowChange[] }>(path)).changes;
  }

  async deleted(register: string): Promise<DeletedRow[]> {
    const path = `${address(register)}/deleted`;
    return (await this.read<{ deleted: DeletedRow[] }>(path)).deleted;
  }

  /** Makes a row what it was after a change, or before the one that deleted it. */
  async restore(
    register: string,
    id: string,
    tag: string,
    change: number,
    reason: string,
  ): Promise<TaggedRow> {
    const path = `${address(register, id)}/history/restore`;
    return tagged(await this.change("POST", path, { change, reason }, JSON_TYPE, tag));
  }

  async create(register: string, values: Row): Promise<TaggedRow> {
    return tagged(await this.change("POST", address(register), values, JSON_TYPE));
  }

  async patch(register: string, id: string, tag: string, values: Row): Promise<TaggedRow> {
    return tagged(await this.change("PATCH", address(register, id), values, JSON_TYPE, tag));
  }

  async remove(register: string, id: string, tag: string): Promise<void> {
    await this.change("DELETE", address(register, id), undefined, "", tag);
  }

  async act(
    register: string,
    id: string,
    tag: string,
    action: string,
    facts: Row,
  ): Promise<TaggedRow> {
    const path = `${address(register, id)}/${encodeURIComponent(action)}`;
    return tagged(await this.change("POST", path, facts, JSON_TYPE, tag));
  }

  /** Takes a sheet into a register. */
  take(register: string, file: File, dry: boolean): Promise<Taken> {
    return this.takeAt(`${address(register)}/import`, file, dry);
  }

  /** Sends a sheet to an address, to be taken or only checked; of one with faults, what they are. */
  async takeAt(to: string, file: File, dry: boolean): Promise<Taken> {
    const type = file.name.toLowerCase().endsWith(".csv")
      ? "text/csv"
      : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    const path = `${to}${dry ? "?dry_run=true" : ""}`;
    try {
      return (await (await this.change("POST", path, file, type)).json()) as Taken;
    } catch (error) {
      if (error instanceof Refusal && error.status === 422 && "problems" in error.problem)
        return error.problem as unknown as Taken;
      throw error;
    }
  }
}

/** What the server says of a refusal, in the language in use: it says both, parted by a slash. */
export function sentence(error: Refusal): string {
  const [vi = "", ...rest] = error.message.split(" / ");
  return language() === "en" && rest.length > 0 ? rest.join(" / ") : vi;
}

export function address(register: string, row?: string): string {
  const path = `/api/registers/${encodeURIComponent(register)}`;
  return row === undefined ? path : `${path}/${encodeURIComponent(row)}`;
}

async function tagged(answer: Response): Promise<TaggedRow> {
  return { row: (await answer.json()) as Row, tag: answer.headers.get("etag") ?? "*" };
}
