// The personal QR codes that this device keeps, for the pages that make and show them.

const CARDS = "dieuhanh.cards";

/** A card as a device keeps it: the token is what its QR says. */
export interface Card {
  token: string;
  /** Whose it is, as who made it wrote it; it leaves the device in no request. */
  name: string;
  /** An instant of RFC 3339. */
  expires_at: string;
}

/** The cards that hold still, the newest first. */
export function cards(now = new Date()): Card[] {
  try {
    const kept = JSON.parse(localStorage.getItem(CARDS) ?? "[]") as Card[];
    return kept.filter(({ expires_at }) => new Date(expires_at) > now);
  } catch {
    return [];
  }
}

/** Keeps a card beside the others; whoever had one before has this one now. */
export function keepCard(card: Card): void {
  const others = cards().filter(({ name }) => name !== card.name);
  localStorage.setItem(CARDS, JSON.stringify([card, ...others]));
}

/** Forgets a card on this device. */
export function forgetCard(token: string): void {
  const others = cards().filter((one) => one.token !== token);
  localStorage.setItem(CARDS, JSON.stringify(others));
}
