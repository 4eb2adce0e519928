import { fetchJson, HttpError } from "../http";
import { recall, remember } from "../recall";

/** The site whose poster was scanned; its name is empty where nobody could be asked. */
export interface Site {
  code: string;
  name: string;
  open: boolean;
}

const KNOWN = "dieuhanh.check-in.sites";
const MOST = 20;

/** The code in the address, as the poster's QR code has it; null without one. */
export function codeInAddress(hash = location.hash): string | null {
  try {
    const code = decodeURIComponent(hash.slice(1)).trim();
    return code && code.length <= 64 ? code : null;
  } catch {
    return null;
  }
}

/** The site of a code: as the server says, else as this device knew it last; null: there is none. */
export async function siteOf(code: string): Promise<Site | null> {
  const known = recall<Site[]>(KNOWN) ?? [];
  try {
    const found = await fetchJson<{ name: string; open: boolean }>(
      `/api/check-ins/sites/${encodeURIComponent(code)}`,
    );
    const site: Site = { code, name: found.name, open: found.open };
    remember(KNOWN, [site, ...known.filter((one) => one.code !== code)].slice(0, MOST));
    return site;
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null;
    return known.find((one) => one.code === code) ?? { code, name: "", open: true };
  }
}
