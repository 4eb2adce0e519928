// CQL2 text (OGC 21-065r2): the pieces that tools put their filters together from.

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
const KEYWORDS = new Set(
  "AND OR NOT LIKE ILIKE BETWEEN IN IS NULL TRUE FALSE DIV CASEI ACCENTI DATE TIMESTAMP INTERVAL".split(
    " ",
  ),
);

/** A property's name, in double quotes where it could be read as something else. */
export function property(name: string): string {
  if (PLAIN.test(name) && !KEYWORDS.has(name.toUpperCase())) return name;
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A text, in single quotes.
 *
 * @throws RangeError for a backslash before a quote or at the end: CQL2 reads `\'` as a quote.
 */
export function text(value: string): string {
  if (/\\(?='|$)/.test(value)) throw new RangeError("a backslash before a quote cannot be written");
  return `'${value.replaceAll("'", "''")}'`;
}

/** The pattern of LIKE for texts that hold these letters, whatever they are. */
export function containing(letters: string): string {
  return text(`%${letters.replaceAll("\\", "").replace(/[%_]/g, "\\$&")}%`);
}

/** The conditions of which all must hold; null if there is none. */
export function all(conditions: readonly (string | null)[]): string | null {
  const parts = conditions.filter((one): one is string => one !== null && one !== "");
  if (parts.length < 2) return parts[0] ?? null;
  return parts.map((one) => (bindsLess(one) ? `(${one})` : one)).join(" AND ");
}

/** Whether a condition has an OR outside of parentheses and texts, which AND would tear apart. */
function bindsLess(condition: string): boolean {
  let depth = 0;
  for (const [word] of condition.matchAll(/'(?:''|\\'|[^'])*'|"(?:""|[^"])+"|[()]|\w+/g)) {
    if (word === "(") depth++;
    else if (word === ")") depth--;
    else if (depth === 0 && word.toUpperCase() === "OR") return true;
  }
  return false;
}
