// Talk to the server that this page came from, and to no other.

/** An answer other than "done". */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem);
    this.status = status;
  }
}

const PATIENCE = 15_000;

export class Server {
  constructor(proof) {
    this.proof = proof;
  }

  get(path, { patience = PATIENCE } = {}) {
    return this.#ask(path, { method: "GET" }, patience);
  }

  post(path, body) {
    const headers = { "Content-Type": "application/json", "X-Nutgraf-Proof": this.proof };
    return this.#ask(path, { method: "POST", headers, body: JSON.stringify(body) }, PATIENCE);
  }

  async #ask(path, options, patience) {
    const answer = await fetch(path, { ...options, credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(patience) });
    if (answer.status === 204) return null;
    const type = answer.headers.get("Content-Type") ?? "";
    const told = type.startsWith("application/json") ? await answer.json() : {};
    if (!answer.ok) throw new Refusal(answer.status, told.problem ?? answer.statusText);
    return told;
  }
}

/** A unique name for something sent. randomUUID is there only where the page came over TLS or from this machine. */
export function newClient() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
