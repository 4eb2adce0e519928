/** A function that runs `work` at once, and at most once in `pause` ms; never two at a time. */
export function spaced(work: () => Promise<void>, pause: number): () => void {
  let running = false;
  let wanted = false;
  const run = async (): Promise<void> => {
    running = true;
    do {
      wanted = false;
      await work();
      await new Promise((done) => setTimeout(done, pause));
    } while (wanted);
    running = false;
  };
  return () => {
    wanted = true;
    if (!running) void run();
  };
}
