import { isPhone } from "../checks";
import { degrees } from "../measures";
import type { Fault } from "../outbox";
import { newId } from "./ids";
import type { Post } from "./store";
import { t } from "./text";

export const MOST_PEOPLE = 10_000;
export const LONGEST_NOTE = 4000;

/** Where help is needed, and how that was told. Degrees of EPSG:4326, accuracy in metres. */
export type Place =
  | { way: "gps" | "map"; lon: number; lat: number; accuracy_m: number }
  | { way: "text"; position: string }
  | { way: "commune"; commune_code: string; commune: string; address: string };

/** A request that is being written. */
export interface Draft {
  id: string;
  place: Place | null;
  category: string | null;
  people: string;
  phone: string;
  /** Faults by field: found here, or told by the server. */
  faults: Map<string, string>;
  /** Fields of a refused request that this page's steps do not ask for. */
  rest: Partial<Post>;
}

export type Step = "where" | "what" | "people";

/** A new request, of a new id. */
export function newDraft(): Draft {
  return {
    id: newId(),
    place: null,
    category: null,
    people: "1",
    phone: "",
    faults: new Map(),
    rest: {},
  };
}

/** A whole number within bounds; null for any other text. */
export function wholeNumber(text: string, least: number, most: number): number | null {
  if (!/^\s*\d{1,6}\s*$/.test(text)) return null;
  const value = Number(text);
  return value >= least && value <= most ? value : null;
}

/** Notes what is wrong with the last step's fields. */
export function checkPeople(draft: Draft): void {
  draft.faults.delete("people");
  draft.faults.delete("phone");
  if (wholeNumber(draft.people, 1, MOST_PEOPLE) === null)
    draft.faults.set("people", t("peopleWrong", { most: MOST_PEOPLE }));
  if (draft.phone.trim() && !isPhone(draft.phone)) draft.faults.set("phone", t("phoneWrong"));
}

/** The fields of the post that the server gets. */
export function postOf(draft: Draft): Post {
  const { place, category, phone } = draft;
  const post: Post = { ...draft.rest, id: draft.id, people: Number(draft.people) };
  if (category) post.category = category;
  if (phone.trim()) post.phone = phone.trim();
  if (place?.way === "gps")
    Object.assign(post, { lon: place.lon, lat: place.lat, accuracy_m: place.accuracy_m });
  // Given as coordinates: the server tells what a device has measured from what a person has chosen.
  if (place?.way === "map")
    Object.assign(post, { position: degrees(place), accuracy_m: place.accuracy_m });
  if (place?.way === "text") post.position = place.position;
  if (place?.way === "commune") {
    post.commune_code = place.commune_code;
    post.address = place.address;
  }
  return post;
}

/** A refused request as a draft again, with its faults beside the fields. */
export function draftOf(post: Post, faults: Fault[], say: (fault: Fault) => string): Draft {
  const { id, category, people, phone, lon, lat, accuracy_m, position, ...rest } = post;
  const { commune_code, address, ...other } = rest;
  const draft = newDraft();
  draft.id = id;
  draft.rest = other as Partial<Post>;
  draft.category = typeof category === "string" ? category : null;
  draft.people = String(people ?? 1);
  draft.phone = String(phone ?? "");
  const within = Number(accuracy_m ?? 0);
  if (typeof lon === "number" && typeof lat === "number")
    draft.place = { way: "gps", lon, lat, accuracy_m: within };
  else if (typeof position === "string") draft.place = { way: "text", position };
  else if (typeof commune_code === "string")
    draft.place = { way: "commune", commune_code, commune: "", address: String(address ?? "") };
  for (const fault of faults) draft.faults.set(fault.field, say(fault));
  return draft;
}

/** The step that asks for a field; null for one that no step asks for. */
export function stepOf(field: string): Step | null {
  if (["lon", "lat", "position", "accuracy_m", "commune_code", "address"].includes(field))
    return "where";
  if (field === "category") return "what";
  return field === "people" || field === "phone" ? "people" : null;
}
