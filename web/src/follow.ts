// The page of who has asked for help: the secret comes in the address's fragment, goes out in a header.

const TOKEN = /^[\w-]{24}$/;
const EVERY_MS = 20_000;

/** Fills the page in, sends its forms without leaving it, and looks again while it is seen. */
export function follow(place: HTMLElement): void {
  const token = (): string => location.hash.slice(1);

  async function send(body: URLSearchParams): Promise<HTMLElement | null> {
    const headers: Record<string, string> = {};
    if (TOKEN.test(token())) headers["X-Follow-Token"] = token();
    try {
      const answer = await fetch(location.pathname + location.search, {
        method: "POST",
        headers,
        body,
      });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.querySelector<HTMLElement>("[data-follow]");
      offline(found === null);
      return found;
    } catch {
      offline(true);
      return null;
    }
  }

  function offline(is: boolean): void {
    for (const said of place.querySelectorAll<HTMLElement>("[data-offline]")) said.hidden = !is;
  }

  async function show(body: URLSearchParams): Promise<void> {
    const found = await send(body);
    if (!found) return;
    place.replaceChildren(...found.childNodes);
    // A page that is kept as a bookmark leads here again.
    const known = place.querySelector<HTMLInputElement>("input[type=hidden][name=token]");
    if (known && known.value !== token()) history.replaceState(null, "", `#${known.value}`);
  }

  /** Only what is told, so that what is being written stays. */
  async function look(): Promise<void> {
    const told = place.querySelector("[data-status]");
    if (document.hidden || !told || !TOKEN.test(token())) return;
    const fresh = (await send(new URLSearchParams()))?.querySelector("[data-status]");
    if (fresh) told.replaceWith(fresh);
  }

  place.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    event.preventDefault();
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form))
      if (typeof value === "string") body.append(name, value);
    void show(body).then(() => place.querySelector("[role=status],[role=alert]")?.scrollIntoView());
  });
  addEventListener("hashchange", () => {
    if (TOKEN.test(token())) void show(new URLSearchParams());
  });
  if (TOKEN.test(token())) void show(new URLSearchParams());
  setInterval(() => void look(), EVERY_MS);
  document.addEventListener("visibilitychange", () => void look());
}
