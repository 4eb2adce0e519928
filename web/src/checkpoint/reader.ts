/** Between two letters: readers need a few milliseconds, a busy phone may pass them on late. */
const FAST_MS = 500;
const SHORTEST = 8;

/**
 * Listens for a USB reader, which types a code fast and ends it with Enter, wherever the focus is but
 * in a field: there it types as a person does.
 */
export function listenToReader(found: (text: string) => void): void {
  let typed = "";
  let last = 0;
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey)
      return;
    if (event.timeStamp - last > FAST_MS) typed = "";
    last = event.timeStamp;
    if (key === "Enter" && typed.length >= SHORTEST) {
      // The button that has the focus is not what was meant.
      event.preventDefault();
      found(typed);
      typed = "";
    } else if (key.length === 1) typed += key;
  });
}
