/**
 * Lets everything else that waits have its turn: whoever has much to do asks for it between pieces of his work.
 *
 * A timer of no time is not enough. Deno looks for what has happened on sockets and pipes only when nothing is left to do,
 * or in one of 61 turns of its loop; while files are written there always is something to do. With 10 to 80 ms of work in
 * each turn, an answer on the control socket took up to four seconds, and the firewall's tool waited as long for its
 * input. So this takes as many turns, which are empty ones, and twice: a client who was let in at the first look is heard at
 * the second, and a tool that was started at the first has its input, for until it has looked Deno takes no new pipe or
 * socket to be ready. All turns together take 0.1 ms.
 */
export function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    let left = TURNS;
    const take = () => {
      if (--left > 0) setImmediate(take);
      else resolve();
    };
    setImmediate(take);
  });
}

/** More than twice tokio's `event_interval`, which is 61. */
const TURNS = 2 * 64;
