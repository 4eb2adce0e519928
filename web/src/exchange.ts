// Sending a message over a network that may fail at any moment.
import type { Fault, Outcome } from "./outbox";

/**
 * Posts a message that the server takes once, however often it comes.
 *
 * @param patience milliseconds for an answer.
 * @param taken what an answer of success says; null where it is no answer of this server's.
 */
export async function exchange<Receipt>(
  address: string,
  headers: Record<string, string>,
  body: BodyInit,
  patience: number,
  taken: (body: object) => Outcome<Receipt> | null,
): Promise<Outcome<Receipt>> {
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers,
      body,
      redirect: "error",
      credentials: "same-origin",
      signal: AbortSignal.timeout(patience),
    });
    return await read(answer, taken);
  } catch {
    // No answer, or half of one: the request may be there or not. It is sent again as it is.
    return { kind: "later", delay: "offline", after_ms: null };
  }
}

async function read<Receipt>(
  answer: Response,
  taken: (body: object) => Outcome<Receipt> | null,
): Promise<Outcome<Receipt>> {
  const { status } = answer;
  if (status === 429) {
    const seconds = Number(answer.headers.get("Retry-After"));
    return { kind: "later", delay: "busy", after_ms: seconds > 0 ? seconds * 1000 : null };
  }
  if (status === 408 || status === 425 || status >= 500)
    return { kind: "later", delay: "server", after_ms: null };
  if (answer.ok) {
    const found: unknown = await answer.json();
    const outcome = found !== null && typeof found === "object" ? taken(found) : null;
    return outcome ?? { kind: "later", delay: "offline", after_ms: null };
  }
  const type = answer.headers.get("Content-Type") ?? "";
  // Who refuses is this server only if it says so in its own way.
  if (!type.startsWith("application/problem+json"))
    return { kind: "later", delay: "server", after_ms: null };
  const { errors } = (await answer.json()) as { errors?: Fault[] };
  return { kind: "refused", status, faults: errors ?? [] };
}
