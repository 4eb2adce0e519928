import { formatNumber } from "../format";

const KM = 1000;
const HA = 10_000;
const KM2 = 1_000_000;

/** A length in metres, as people say it: metres below a kilometre, then kilometres. */
export function formatLength(metres: number): string {
  if (metres < KM) return `${formatNumber(rounded(metres, metres < 100 ? 1 : 0))}\u00a0m`;
  return `${formatNumber(rounded(metres / KM, metres < 100 * KM ? 2 : 1))}\u00a0km`;
}

/** An area in square metres, in each of the units that suit its size, the best one first. */
export function formatArea(squareMetres: number): string[] {
  const m2 = `${formatNumber(rounded(squareMetres, squareMetres < 100 ? 1 : 0))}\u00a0m²`;
  const ha = `${formatNumber(rounded(squareMetres / HA, 2))}\u00a0ha`;
  const km2 = `${formatNumber(rounded(squareMetres / KM2, squareMetres < 100 * KM2 ? 2 : 1))}\u00a0km²`;
  if (squareMetres < HA) return [m2];
  return squareMetres < KM2 ? [ha, m2] : [km2, ha, m2];
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
