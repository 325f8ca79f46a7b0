import { assert } from "@std/assert";
import { othersTurn } from "../lib/others_turn.ts";

Deno.test("who is busy lets a message on a socket through in each of the others' turns", async () => {
  const directory = await Deno.makeTempDir();
  const address = { transport: "unix", path: `${directory}/socket` } as const;
  using listener = Deno.listen(address);
  using client = await Deno.connect(address);
  using server = await listener.accept();
  for (let message = 0; message < 20; message++) {
    let isHeard = false;
    const reading = server.read(new Uint8Array(1)).then(() => isHeard = true);
    await client.write(new Uint8Array(1));
    // It takes two looks: one for the news that there is something to read, one for reading it.
    await othersTurn();
    assert(isHeard, `message ${message}`);
    await reading;
  }
  await Deno.remove(directory, { recursive: true });
});
