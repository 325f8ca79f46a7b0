/**
 * Lets everything else that waits have its turn: whoever has much to do asks for it between pieces of his work.
 *
 * A timer of no time is not enough. Deno looks for what has happened on sockets and pipes only when nothing is left to do,
 * or in one of 61 turns of its loop; while files are written there always is something to do. With 10 to 80 ms of work in
 * each turn, an answer on the control socket took up to four seconds, and the firewall's tool waited as long for its
 * input. So this takes as many turns, which are empty ones: 0.4 ms together.
 */
export async function othersTurn(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** More than tokio's `event_interval`, which is 61. */
const TURNS = 64;
