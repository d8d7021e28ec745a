// Notice at once that the server went away, and that it is back: one request is always waiting for its answer.

import { Refusal } from "./net.js";

const HELD = 40_000;
const PATIENCE = 3000;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function watchServer(server, outbox, queue) {
  for (;;) {
    try {
      queue.hear(await server.get(`/api/alive${queue.known}`, { patience: HELD }));
      await outbox.heard(true);
    } catch (error) {
      if (error instanceof Refusal) {
        if (error.status === 401) await outbox.send();
        await pause(5000);
        continue;
      }
      await outbox.heard(false);
      do await pause(1000);
      while (!(await server.get("/ping", { patience: PATIENCE }).then(() => true, () => false)));
      await outbox.heard(true);
    }
  }
}
