import { parsePort } from "../firewall/mod.ts";

/** Ports that one of fail2ban's firewall actions closes. `unknown`: names that this machine has no number for. */
export interface Ports {
  /** Empty: all. */
  readonly ports: readonly string[];
  readonly unknown: readonly string[];
}

/** Reads lists of ports: `ssh,2222`, `6000:6010`, and `0:65535`, which is all. */
export function readPorts(lists: readonly string[]): Ports {
  const words = lists.flatMap((list) => list.split(/[\s,]+/)).filter((word) => word !== "");
  if (words.length === 0 || words.some((word) => /^[01][:-]65535$/.test(word))) {
    return { ports: [], unknown: [] };
  }
  const ports = new Set<string>();
  const unknown: string[] = [];
  for (const word of words) {
    try {
      const number = parsePort(word);
      ports.add(/^\d/.test(word) ? number : word);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      unknown.push(word);
    }
  }
  return { ports: [...ports], unknown };
}
