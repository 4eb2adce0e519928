const SETTLE_MS = 300;

/**
 * Tells of changes of layers while the page is in view; when it comes into view again, of those
 * that it has missed. A server that keeps no more streams is not asked again.
 */
export function followLayers(
  layers: readonly string[],
  changed: (layer: string, version: number) => void,
): void {
  if (layers.length === 0) return;
  let source: EventSource | null = null;
  let last = "";
  const due = new Map<string, number>();
  let timer = 0;

  function tell(layer: string): void {
    due.set(layer, Number(last.split(".")[0]));
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      for (const [one, version] of due) changed(one, version);
      due.clear();
    }, SETTLE_MS);
  }
  function hear(event: MessageEvent<string>): void {
    if (event.lastEventId) last = event.lastEventId;
    const layer = event.data ? (JSON.parse(event.data) as { layer?: string }).layer : undefined;
    for (const one of layer ? [layer] : layers) tell(one);
  }
  function connect(): void {
    source?.close();
    source = null;
    if (document.hidden) return;
    const query = new URLSearchParams({ layers: layers.join(",") });
    if (last) query.set("last_event_id", last);
    source = new EventSource(`/api/live?${query}`);
    source.addEventListener("message", (event) => {
      if (event.lastEventId) last = event.lastEventId;
    });
    for (const kind of ["change", "refresh", "reset"])
      source.addEventListener(kind, (event) => hear(event as MessageEvent<string>));
  }
  document.addEventListener("visibilitychange", connect);
  connect();
}
