// The keys of the texts for codes of the server.
import type { ContactState, Look, State } from "./api";
import type { Texts } from "./text";

/** How a request stands: its colour in the list, and its text. */
export const REQUEST: Record<State, { colour: string; text: keyof Texts }> = {
  asked: { colour: "open", text: "state_asked" },
  approved: { colour: "seen", text: "state_approved" },
  searched: { colour: "seen", text: "state_searched" },
  refused: { colour: "closed", text: "state_refused" },
  closed: { colour: "closed", text: "state_closed" },
  expired: { colour: "closed", text: "state_expired" },
};

/** What became of a contact, in the order in which it is chosen. */
export const CONTACT: Record<ContactState, keyof Texts> = {
  to_call: "contact_to_call",
  reached: "contact_reached",
  quarantined: "contact_quarantined",
  tested: "contact_tested",
  unreachable: "contact_unreachable",
};
export const CONTACT_STATES = Object.keys(CONTACT) as ContactState[];

/** What somebody did with a request. */
export const LOOK: Record<Look, keyof Texts> = {
  ask: "look_ask",
  approve: "look_approve",
  refuse: "look_refuse",
  search: "look_search",
  result: "look_result",
  contact: "look_contact",
  mark: "look_mark",
  export: "look_export",
  handed: "look_handed",
  close: "look_close",
};

export const EXPORT = { xlsx: "export_xlsx", csv: "export_csv" } as const;
