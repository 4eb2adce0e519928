/** What this page keeps in the address beside the view of the map, so that a link shows the same. */
export interface Shared {
  /** Layers that are off. */
  off: string[];
  feature: { layer: string; id: string } | null;
}

function fieldsOf(hash: string): Map<string, string> {
  const fields = hash.replace(/^#/, "").split("&");
  return new Map(
    fields.map((field): [string, string] => {
      const at = field.indexOf("=");
      return at < 0 ? [field, ""] : [field.slice(0, at), field.slice(at + 1)];
    }),
  );
}

/** A field of the part of the address after `#`; null if it is not there. */
export function readField(hash: string, name: string): string | null {
  const value = fieldsOf(hash).get(name);
  return value === undefined ? null : decoded(value);
}

/** A value encoded for the address, but for signs that mean nothing there. */
function encoded(value: string): string {
  return encodeURIComponent(value).replace(/%(2F|2C|3A|3B)/g, decodeURIComponent);
}

/** The part after `#` with a field set, or with null without it; the other fields stay. */
export function writeField(hash: string, name: string, value: string | null): string {
  const fields = hash.replace(/^#/, "").split("&").filter(Boolean);
  const at = fields.findIndex((field) => field.startsWith(`${name}=`));
  const written = value === null ? [] : [`${name}=${encoded(value)}`];
  fields.splice(at < 0 ? fields.length : at, at < 0 ? 0 : 1, ...written);
  return fields.length > 0 ? `#${fields.join("&")}` : "";
}

/**
 * Reads the part of the address after `#`. What it does not understand it leaves out.
 *
 * @param usual the layers that are off until the address, or a person, says that they are on.
 */
export function readHash(hash: string, usual: readonly string[] = []): Shared {
  const fields = fieldsOf(hash);
  const list = (name: string): string[] =>
    (fields.get(name) ?? "").split(",").map(decoded).filter(Boolean);
  const on = list("on");
  const [layer, id] = (fields.get("feature") ?? "").split("/").map(decoded);
  return {
    off: [...list("off"), ...usual.filter((one) => !on.includes(one))],
    feature: layer && id ? { layer, id } : null,
  };
}

/** Whether an address says which part of the map to show. */
export function hasView(hash: string): boolean {
  return /[#&]map=/.test(hash);
}

/**
 * The part after `#` with these things in it; the other fields, such as the view, stay.
 *
 * @param usual as for `readHash`.
 */
export function writeHash(hash: string, shared: Shared, usual: readonly string[] = []): string {
  const kept = hash
    .replace(/^#/, "")
    .split("&")
    .filter((field) => field !== "" && !/^(off|on|feature)=/.test(field));
  const list = (name: string, layers: string[]): void => {
    if (layers.length > 0) kept.push(`${name}=${layers.map(encodeURIComponent).join(",")}`);
  };
  list(
    "off",
    shared.off.filter((one) => !usual.includes(one)),
  );
  list(
    "on",
    usual.filter((one) => !shared.off.includes(one)),
  );
  if (shared.feature) {
    const { layer, id } = shared.feature;
    kept.push(`feature=${encodeURIComponent(layer)}/${encodeURIComponent(id)}`);
  }
  return kept.length > 0 ? `#${kept.join("&")}` : "";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
