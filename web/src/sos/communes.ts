import { fetchJson } from "../http";
import { keep, kept, type Store } from "./store";

const COMMUNES =
  "/ogc/collections/admin_units/items?f=json&level=commune&skipGeometry=true" +
  "&properties=code,name&limit=1000";
const KEPT = "communes";

export interface Commune {
  code: string;
  name: string;
}

/** The communes by name: from the server, else as they were kept; none if neither has them. */
export async function communes(store: Store): Promise<Commune[]> {
  const known = await kept<Commune[]>(store, KEPT);
  if (known) {
    void refreshed(store).catch(() => undefined);
    return known;
  }
  return refreshed(store).catch(() => []);
}

async function refreshed(store: Store): Promise<Commune[]> {
  const { features } = await fetchJson<{ features: { properties: Commune }[] }>(COMMUNES);
  const order = new Intl.Collator("vi");
  const found = features
    .map(({ properties: { code, name } }) => ({ code, name }))
    .sort((a, b) => order.compare(a.name, b.name));
  await keep(store, KEPT, found);
  return found;
}
