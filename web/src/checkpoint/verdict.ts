import { h } from "../dom";

/** What everybody around must see at one glance: may pass, look here, may not, or kept for later. */
export type Colour = "good" | "caution" | "bad" | "kept";

const SIGNS: Record<Colour, string> = { good: "✓", caution: "!", bad: "✕", kept: "…" };
/** Hertz and seconds of the tones of each: two rising, one, two low, one soft. */
const TONES: Record<Colour, [number, number][]> = {
  good: [
    [880, 0.1],
    [1320, 0.14],
  ],
  caution: [[620, 0.35]],
  bad: [
    [220, 0.25],
    [180, 0.4],
  ],
  kept: [[880, 0.1]],
};

/** Where a page says what came of a scan. */
export class VerdictPlace {
  readonly element = h("div", { class: "reading", role: "status" });
  #title: string | null = null;

  /** What it says now; null: nothing. */
  get title(): string | null {
    return this.#title;
  }

  /** Says it, with its sound. */
  tell(colour: Colour, title: string, text: string): void {
    this.write(colour, title, text);
    sound(colour);
  }

  /** Says it silently, as long as nothing has come of the scan. */
  write(colour: Colour, title: string, text: string): void {
    this.#title = title;
    this.element.replaceChildren(verdictView(colour, title, text));
  }

  clear(): void {
    this.#title = null;
    this.element.replaceChildren();
  }
}

/** The sign, the words and what they mean, in the largest letters of the page. */
function verdictView(colour: Colour, title: string, text: string): HTMLElement {
  return h(
    "div",
    { class: `verdict verdict-${colour}` },
    h("span", { class: "verdict-sign", "aria-hidden": "true" }, SIGNS[colour]),
    h("h3", {}, title),
    h("p", {}, text),
  );
}

let context: AudioContext | null = null;

/** Sounds, and shakes a phone, so that nobody has to look; browsers allow it after a first touch. */
function sound(colour: Colour): void {
  navigator.vibrate?.(colour === "bad" ? [200, 80, 200] : 80);
  if (!navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  let start = context.currentTime;
  for (const [hertz, seconds] of TONES[colour]) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.15, start);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + seconds);
    tone.connect(loudness).connect(context.destination);
    tone.start(start);
    tone.stop(start + seconds);
    start += seconds;
  }
}
