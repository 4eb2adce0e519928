import { fetchJson } from "../http";
import { recall, remember } from "../recall";

/** What a reader has read: a card, an identity card, a number, a site's poster, or something else. */
export type Read =
  | { kind: "card"; token: string }
  | { kind: "idCard"; text: string }
  | { kind: "number"; number: string }
  | { kind: "site"; code: string }
  | { kind: "unknown" };

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const SITE = /\/check-in#([^#]{1,64})$/;
const KEYS = "dieuhanh.card-keys";

/** What a text is, as a camera, a USB reader or a person at the keyboard gives it. */
export function readText(given: string): Read {
  const text = given.trim();
  const site = SITE.exec(text);
  if (site?.[1]) return { kind: "site", code: decodeURIComponent(site[1]) };
  if (TOKEN.test(text)) return { kind: "card", token: text };
  if (text.includes("|")) return { kind: "idCard", text };
  const number = text.replace(/[\s.-]/g, "");
  if (/^(\d{9}|\d{12})$/.test(number)) return { kind: "number", number };
  return { kind: "unknown" };
}

/** Whether a card holds, as far as this device can tell; `unknown` without the server's keys. */
export type Standing = "good" | "expired" | "forged" | "unknown";

type Key = JsonWebKey & { kid?: string };

/** The server's public keys, as it gives them now or as this device knew them last. */
export async function cardKeys(): Promise<Key[]> {
  try {
    const { keys } = await fetchJson<{ keys: Key[] }>("/api/cards/keys");
    remember(KEYS, keys);
    return keys;
  } catch {
    return recall<Key[]>(KEYS) ?? [];
  }
}

/** Looks at a card's signature and expiry (RFC 7515, ES256), also without a network. */
export async function standing(token: string, keys: Key[], now = Date.now()): Promise<Standing> {
  if (keys.length === 0 || !globalThis.crypto?.subtle) return "unknown";
  try {
    const [head = "", claims = "", signature = ""] = token.split(".");
    const { alg, kid } = JSON.parse(text(head)) as { alg?: string; kid?: string };
    const { exp } = JSON.parse(text(claims)) as { exp?: number };
    const known = keys.find((key) => key.kid === kid);
    // A key that is newer than what this device knows: the server will tell.
    if (!known) return "unknown";
    if (alg !== "ES256" || typeof exp !== "number") return "forged";
    const curve = { name: "ECDSA", namedCurve: "P-256" };
    const { kty, crv, x, y } = known;
    const key = await crypto.subtle.importKey(
      "jwk",
      { kty, crv, x, y } as JsonWebKey,
      curve,
      false,
      ["verify"],
    );
    const signed = new TextEncoder().encode(`${head}.${claims}`);
    const holds = await crypto.subtle.verify(
      { name: "ECDSA", hash: "SHA-256" },
      key,
      bytes(signature),
      signed,
    );
    if (!holds) return "forged";
    return exp * 1000 < now ? "expired" : "good";
  } catch {
    return "forged";
  }
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  const plain = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

const text = (base64url: string): string => new TextDecoder().decode(bytes(base64url));
