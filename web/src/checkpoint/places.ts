import type { Feature } from "../config";
import { fetchJson } from "../http";
import { recall, remember } from "../recall";

/** The layers of sites, and the column that says where one is. */
const LAYERS = [
  ["checkpoints", "road"],
  ["control_points", "address"],
] as const;
const LIST = "dieuhanh.checkpoints";
const CHOSEN = "dieuhanh.checkpoint";
/** What is kept is public, and bounded by what a browser keeps for a page. */
const MOST_PAGES = 5;

/** A checkpoint to choose from. */
export interface Checkpoint {
  id: string;
  code: string;
  name: string;
  /** The road, or the address. */
  road: string;
  /** What its poster says, by which it is recorded. */
  site: string;
}

interface Page {
  features: Feature[];
  links: { rel: string; href: string }[];
}

/** All checkpoints by name: from the server, else as this device knew them last. */
export async function checkpoints(): Promise<Checkpoint[]> {
  try {
    const found: Checkpoint[] = [];
    for (const [layer, where] of LAYERS) found.push(...(await sitesOf(layer, where)));
    const order = new Intl.Collator("vi");
    found.sort((a, b) => order.compare(a.name, b.name));
    remember(LIST, found);
    return found;
  } catch (error) {
    const known = recall<Checkpoint[]>(LIST);
    if (known?.length) return known;
    throw error;
  }
}

async function sitesOf(layer: string, where: string): Promise<Checkpoint[]> {
  const found: Checkpoint[] = [];
  let address: string | undefined =
    `/ogc/collections/${layer}/items?f=json&properties=code,name,${where},qr_code&limit=1000`;
  for (let page = 0; address && page < MOST_PAGES; page++) {
    const answer: Page = await fetchJson<Page>(address);
    for (const { id, properties } of answer.features) {
      const text = (name: string): string => String(properties[name] ?? "");
      const site = text("qr_code");
      if (site)
        found.push({
          id: `${layer}/${id}`,
          code: text("code"),
          name: text("name"),
          road: text(where),
          site,
        });
    }
    const next = answer.links.find(({ rel }) => rel === "next")?.href;
    address = next && new URL(next, location.href).pathname + new URL(next, location.href).search;
  }
  return found;
}

/** The letters of a text without accents or case, so that it is found however it is typed. */
export function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[\u0110\u0111]/g, "d")
    .toLowerCase();
}

/** The checkpoints in whose name, code or road all words of a text begin or lie. */
export function search(all: readonly Checkpoint[], text: string): Checkpoint[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  return all.filter((one) => {
    const in_ = plain(`${one.name} ${one.code} ${one.road}`);
    return words.every((word) => in_.includes(word));
  });
}

/** The checkpoint that was chosen on this device last. */
export function chosen(): Checkpoint | null {
  const known = recall<Checkpoint>(CHOSEN);
  // What an older page has kept lacks the site's own code.
  return known?.site ? known : null;
}

export function choose(one: Checkpoint | null): void {
  remember(CHOSEN, one);
}
