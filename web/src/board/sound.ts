const TONE_S = 0.18;

/** Two short tones for a new request; silent until somebody has switched it on. */
export class Sound {
  #context: AudioContext | null = null;

  get on(): boolean {
    return this.#context !== null;
  }

  /** Switches it on, which browsers allow only by a person's own action, or off. */
  toggle(): void {
    if (this.#context) {
      void this.#context.close();
      this.#context = null;
    } else {
      this.#context = new AudioContext();
      this.play();
    }
  }

  play(): void {
    const context = this.#context;
    if (!context) return;
    [660, 880].forEach((hertz, index) => {
      const start = context.currentTime + index * TONE_S;
      const tone = context.createOscillator();
      const loudness = context.createGain();
      tone.frequency.value = hertz;
      loudness.gain.setValueAtTime(0.12, start);
      loudness.gain.exponentialRampToValueAtTime(0.001, start + TONE_S);
      tone.connect(loudness).connect(context.destination);
      tone.start(start);
      tone.stop(start + TONE_S);
    });
  }
}
