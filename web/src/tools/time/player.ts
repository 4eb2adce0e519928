/** What the player moves. */
export interface Film {
  /** Goes on to the next frame; false at the end. */
  advance(): boolean;
  /** Done when what is shown has been drawn. */
  drawn(): Promise<void>;
  /** Loads the frame after this one, so that it can be shown at once. */
  preload(): void;
  /** Told when the film starts and stops. */
  onState(playing: boolean): void;
}

/** Plays a film: a frame stays for its time, and until it has been drawn. */
export class Player {
  readonly #film: Film;
  readonly #wait: (ms: number) => Promise<void>;
  #run = 0;
  #playing = false;

  /** @param wait is done after some milliseconds; tests have a clock of their own. */
  constructor(
    film: Film,
    wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms)),
  ) {
    this.#film = film;
    this.#wait = wait;
  }

  get playing(): boolean {
    return this.#playing;
  }

  /**
   * Plays to the end, or until it is stopped.
   *
   * @param period gives the milliseconds of a frame, asked for before each.
   */
  async play(period: () => number): Promise<void> {
    const run = ++this.#run;
    this.#become(true);
    while (run === this.#run) {
      this.#film.preload();
      await this.#wait(period());
      if (run !== this.#run) return;
      if (!this.#film.advance()) break;
      await this.#film.drawn();
    }
    if (run === this.#run) this.stop();
  }

  stop(): void {
    this.#run++;
    this.#become(false);
  }

  #become(playing: boolean): void {
    if (this.#playing === playing) return;
    this.#playing = playing;
    this.#film.onState(playing);
  }
}
