/** A botnet that guesses passwords: who attacks, and what sshd logs of it. */

/** An attacker's address, by his number, up to 2^24. */
export function addressOf(index: number, network = 10): string {
  return `${network}.${index >> 16 & 255}.${index >> 8 & 255}.${index & 255}`;
}

/** What sshd says of a failed password. */
export function failure(address: string): string {
  return `Failed password for root from ${address} port 40000 ssh2`;
}

/** That as a line of a log of this moment, on a connection of its own. */
export function line(address: string, connection: number): string {
  const date = new Date().toISOString().replace("Z", "000+00:00");
  return `${date} server sshd[${1000 + connection}]: ${failure(address)}\n`;
}

/** So often each of them fails. */
export const FAILURES = 5;

/** All failures of so many attackers, all of them before any of them again. */
export function* failures(attackers: number): Generator<{ address: string; connection: number }> {
  for (let connection = 0; connection < FAILURES * attackers; connection++) {
    yield { address: addressOf(connection % attackers), connection };
  }
}
