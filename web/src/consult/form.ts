// The form of /consult, as the server writes it: what is sent of it without a network.
import { newId } from "../sos/ids";
import type { Post } from "./queue";
import { t } from "./text";

const OPTIONAL = ["sex", "address", "since", "note"] as const;
const LISTS = ["symptoms", "conditions"] as const;
/** The least and the most of what is a number, as the server has them. */
const NUMBERS = { age: [0, 130], spo2: [50, 100] } as const;

/** Notes what the browser does not see by itself, and tells what is wrong; true if all is well. */
export function check(form: HTMLFormElement): boolean {
  for (const [name, [least, most]] of Object.entries(NUMBERS)) {
    const input = form.elements.namedItem(name) as HTMLInputElement;
    const text = input.value.trim();
    const fine = text === "" || (/^\d+$/.test(text) && +text >= least && +text <= most);
    input.setCustomValidity(fine ? "" : t("numberWrong", { least, most }));
  }
  const [first] = form.querySelectorAll<HTMLInputElement>("[name=symptoms]");
  const ticked = form.querySelector("[name=symptoms]:checked") !== null;
  first?.setCustomValidity(ticked ? "" : t("symptomMissing"));
  return form.reportValidity();
}

/** Takes back what was said to be wrong: somebody mends it. */
export function forgive(form: HTMLFormElement): void {
  for (const control of form.elements)
    if (control instanceof HTMLInputElement) control.setCustomValidity("");
}

/** What is sent: the fields that are filled in. */
export function postOf(form: HTMLFormElement, id: string = newId(), now = new Date()): Post {
  const data = new FormData(form);
  const text = (name: string): string => String(data.get(name) ?? "").trim();
  const given = OPTIONAL.map((name) => [name, text(name)] as const).filter(([, one]) => one);
  const spo2 = text("spo2");
  const hour = text("call_from");
  return {
    id,
    name: text("name"),
    phone: text("phone"),
    age: Number(text("age")),
    commune_code: text("commune_code"),
    symptoms: data.getAll("symptoms").map(String),
    conditions: data.getAll("conditions").map(String),
    pregnant: text("pregnant") === "1",
    consent: text("consent") === "1",
    ...Object.fromEntries(given),
    ...(spo2 ? { spo2: Number(spo2) } : {}),
    ...(hour ? { call_from: next(Number(hour), now) } : {}),
  };
}

/** The next time that it is this hour by the device's clock, as an instant of RFC 3339. */
function next(hour: number, now: Date): string {
  const at = new Date(now);
  at.setHours(hour, 0, 0, 0);
  if (at <= now) at.setDate(at.getDate() + 1);
  return at.toISOString();
}

/** Fills the form in with what was written before; consent is given anew. */
export function fillIn(form: HTMLFormElement, post: Post): void {
  form.reset();
  for (const [name, value] of Object.entries(post))
    if (typeof value !== "object" && !["id", "consent", "pregnant", "call_from"].includes(name)) {
      const control = form.elements.namedItem(name);
      if (control && "value" in control) control.value = String(value);
    }
  for (const name of LISTS)
    for (const box of form.querySelectorAll<HTMLInputElement>(`[name=${name}]`))
      box.checked = post[name].includes(box.value);
  const pregnant = form.elements.namedItem("pregnant") as HTMLInputElement;
  pregnant.checked = post.pregnant;
}
