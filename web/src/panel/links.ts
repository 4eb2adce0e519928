/** Schemes that a value may lead to; anything else stays text. */
const WEB = /^https?:\/\/[^\s<>"]+$/i;
/** A telephone number as it is written here: +84 or 0 and eight to ten digits, however they are grouped. */
const PHONE = /^(\+84|0)(?:[ .-]?\d){8,10}$/;
/** Short numbers of hotlines. */
const HOTLINE = /^1(?:1[2-5]|0\d\d|[89]00(?:[ .-]?\d){4,6})$/;

/** Where a text value leads: to a page, or to a call; null: it is only text. */
export function linkOf(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const text = value.trim();
  if (WEB.test(text)) return URL.canParse(text) ? text : null;
  if (PHONE.test(text) || HOTLINE.test(text)) return `tel:${text.replace(/[ .-]/g, "")}`;
  return null;
}
