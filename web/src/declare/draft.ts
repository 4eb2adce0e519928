import { cards } from "../cards";
import { isIdentity, isPhone } from "../checks";
import type { Fault } from "../outbox";
import { newId } from "../sos/ids";
import type { Post } from "./queue";
import { type Texts, t } from "./text";

export type Step = "who" | "health" | "places";
export type Field =
  | "name"
  | "birth_year"
  | "phone"
  | "identity"
  | "commune_code"
  | "address"
  | "symptoms"
  | "contact"
  | "places"
  | "elsewhere"
  | "consent"
  | "sex"
  | "made_at";

const STEPS: Record<Step, readonly string[]> = {
  who: ["who", "name", "birth_year", "sex", "phone", "identity", "commune_code", "address"],
  health: ["symptoms", "contact"],
  places: ["places", "elsewhere", "consent", "made_at"],
};
const FIRST_YEAR = 1900;

/** A declaration that is being written. */
export interface Draft {
  id: string;
  who: Post["who"];
  name: string;
  birth_year: string;
  sex: string;
  phone: string;
  identity: string;
  commune_code: string;
  address: string;
  /** Null until somebody has said that there are none. */
  symptoms: string[] | null;
  contact: boolean | null;
  places: string[];
  elsewhere: string[];
  consent: boolean;
  /** Faults by field: found here, or told by the server. */
  faults: Map<string, string>;
}

/** A new declaration; for somebody of the same household, how to reach them stays. */
export function newDraft(household: Partial<Draft> = {}): Draft {
  return {
    id: newId(),
    who: "self",
    name: "",
    birth_year: "",
    sex: "",
    phone: "",
    identity: "",
    commune_code: "",
    address: "",
    symptoms: null,
    contact: null,
    places: [],
    elsewhere: [],
    consent: false,
    ...household,
    faults: new Map(),
  };
}

/** A refused declaration as a draft again, with its faults. */
export function draftOf(
  post: Post,
  faults: readonly Fault[],
  say: (fault: Fault) => string,
): Draft {
  return {
    ...newDraft(),
    ...post,
    birth_year: post.birth_year === undefined ? "" : String(post.birth_year),
    sex: post.sex ?? "",
    phone: post.phone ?? "",
    identity: post.identity ?? "",
    address: post.address ?? "",
    consent: false,
    faults: new Map(faults.map((fault) => [fault.field.replace(/\..*/, ""), say(fault)])),
  };
}

/** The step that asks for a field of the server's; null where none does. */
export function stepOf(field: string): Step | null {
  const name = field.replace(/\..*/, "");
  return (Object.keys(STEPS) as Step[]).find((step) => STEPS[step].includes(name)) ?? null;
}

/** Looks for what is missing or wrong in what a step asks for; true if all is well. */
export function check(draft: Draft, step: Step, staff: boolean): boolean {
  const { faults } = draft;
  for (const field of STEPS[step]) faults.delete(field);
  const need = (field: Field, fine: boolean, text: keyof Texts, values = {}): void => {
    if (!fine && !faults.has(field)) faults.set(field, t(text, values));
  };
  if (step === "who") {
    const last = new Date().getFullYear();
    const year = Number(draft.birth_year);
    const isYear = /^\d{4}$/.test(draft.birth_year.trim()) && year >= FIRST_YEAR && year <= last;
    const phone = draft.phone.trim();
    need("name", draft.name.trim() !== "", "nameMissing");
    need("birth_year", isYear, "birthYearWrong", { first: FIRST_YEAR, last });
    need("phone", phone !== "" || staff, "phoneMissing");
    need("phone", phone === "" || isPhone(phone), "phoneWrong");
    need("identity", draft.identity.trim() === "" || isIdentity(draft.identity), "identityWrong");
    need("commune_code", draft.commune_code !== "", "communeMissing");
  } else if (step === "health") {
    need("symptoms", draft.symptoms !== null, "symptomsMissing");
    need("contact", draft.contact !== null, "contactMissing");
  } else need("consent", draft.consent, "consentMissing");
  return STEPS[step].every((field) => !faults.has(field));
}

/** What is sent: the fields that are filled in, and the card that this device has for the person. */
export function postOf(draft: Draft, now = new Date()): Post {
  const { id, who, commune_code, places, elsewhere, consent } = draft;
  const name = draft.name.trim();
  const card = cards(now).find((one) => one.name === name)?.token;
  const texts = { sex: draft.sex, phone: draft.phone, identity: draft.identity };
  const given = Object.entries({ ...texts, address: draft.address, card })
    .map(([field, text]) => [field, text?.trim()] as const)
    .filter(([, text]) => text);
  return {
    id,
    who,
    name,
    birth_year: Number(draft.birth_year),
    commune_code,
    symptoms: draft.symptoms ?? [],
    contact: draft.contact === true,
    places,
    elsewhere,
    made_at: now.toISOString(),
    consent,
    ...Object.fromEntries(given),
  };
}
