import { isPhone } from "../checks";
import { exchange } from "../exchange";
import type { Outcome } from "../outbox";
import type { Communes } from "./communes";
import { type Draft, type Form, fieldsOf, listed } from "./forms";
import { t } from "./text";

const POST_MS = 30_000;

/** Who calls, and where they are, as it was typed. */
export interface Caller {
  phone: string;
  name: string;
  commune: string;
  address: string;
  position: string;
  /** Of a position that the operator has pointed at, in metres. */
  accuracy_m: number | null;
}

/** What is typed of a caller. */
export type Told = Exclude<keyof Caller, "accuracy_m">;

/** What the operator reads to the caller. */
export interface Receipt {
  code: string;
  valid_until: string | null;
  next: { vi: string; en: string }[];
  /** The number that the caller is to ring at once; null where there is no danger. */
  emergency: string | null;
}

export const nobody = (): Caller => ({
  phone: "",
  name: "",
  commune: "",
  address: "",
  position: "",
  accuracy_m: null,
});

/**
 * What is to be sent of a form for a caller; null where something is missing, with the faults noted
 * by field in the draft.
 */
export function bodyOf(
  form: Form,
  draft: Draft,
  caller: Caller,
  communes: Communes,
  now = new Date(),
): Record<string, unknown> | null {
  const { faults } = draft;
  faults.clear();
  const fields = { ...fieldsOf(form, draft), ...known(caller) };
  checkControls(form, draft, fields);
  if (caller.phone.trim() && !isPhone(caller.phone)) faults.set("phone", t("phoneWrong"));
  if (form.kind !== "sos" && !caller.name.trim()) faults.set("name", t("needed"));
  if (form.kind !== "declaration" && !caller.phone.trim()) faults.set("phone", t("needed"));
  placed(form, caller, communes, faults, fields);
  if (form.kind === "declaration") declared(draft, communes, fields, now);
  return faults.size > 0 ? null : fields;
}

function known({ phone, name }: Caller): Record<string, string> {
  const given = { phone: phone.replace(/[\s.()-]/g, ""), name: name.trim() };
  return Object.fromEntries(Object.entries(given).filter(([, text]) => text));
}

function checkControls(form: Form, { faults }: Draft, fields: Record<string, unknown>): void {
  for (const { name, needed, type, least = 0, most = 0 } of form.controls) {
    const value = fields[name];
    const empty = value === undefined || value === false;
    if (needed && (empty || (Array.isArray(value) && value.length === 0)))
      faults.set(name, t("needed"));
    else if (type === "number" && value !== undefined) {
      const number = Number(value);
      if (!Number.isInteger(number) || number < least || number > most)
        faults.set(name, t("numberWrong", { least, most }));
    }
  }
}

/** Where the caller is: a position that they sent, else the commune and the address. */
function placed(
  form: Form,
  caller: Caller,
  communes: Communes,
  faults: Map<string, string>,
  fields: Record<string, unknown>,
): void {
  const address = caller.address.trim();
  const position = caller.position.trim();
  if (address) fields.address = address;
  if (form.kind === "sos" && position) {
    fields.position = position;
    if (caller.accuracy_m !== null) fields.accuracy_m = caller.accuracy_m;
    return;
  }
  const found = communes.find(caller.commune);
  if (found.length === 1 && found[0]) fields.commune_code = found[0].code;
  else if (found.length > 1) faults.set("commune_code", t("communeMany", { names: names(found) }));
  else faults.set("commune_code", t(caller.commune.trim() ? "communeUnknown" : "needed"));
  if (form.kind === "sos" && !address) faults.set("address", t("addressNeeded"));
}

const names = (found: readonly { label: string }[]): string =>
  found
    .slice(0, 4)
    .map(({ label }) => label)
    .join("; ");

function declared(
  draft: Draft,
  communes: Communes,
  fields: Record<string, unknown>,
  now: Date,
): void {
  fields.who = "other";
  fields.contact = draft.values.contact === "yes";
  fields.made_at = now.toISOString();
  fields.elsewhere = listed(draft.values.elsewhere ?? "");
  const typed = listed(draft.values.places ?? "");
  const unclear = typed.find((one) => communes.find(one).length !== 1);
  if (unclear) draft.faults.set("places", t("placeUnknown", { name: unclear }));
  fields.places = typed.flatMap((one) => communes.find(one).map(({ code }) => code));
}

/** Sends a form in the operator's name. The server takes the same id and content once. */
export function send(form: Form, body: object, csrf: string): Promise<Outcome<Receipt>> {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
  return exchange<Receipt>(form.address, headers, JSON.stringify(body), POST_MS, (answer) => {
    const found = answer as Partial<Receipt> & { id?: string; danger?: boolean };
    // A network's own sign-in page also answers 200.
    if (found.id !== (body as { id: string }).id) return null;
    const { code = "", valid_until = null, next = [] } = found;
    const emergency = (found.danger && found.emergency) || null;
    return { kind: "sent", receipt: { code, valid_until, next, emergency } };
  });
}
