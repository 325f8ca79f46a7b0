import type { Entry } from "../sources/entry.ts";
import { type SessionKey, sessionKeyOf } from "./session_key.ts";

/** A line that syslog wrote, without its date and header. */
export interface Message {
  readonly text: string;
  /** Who wrote it, as `HOST IDENT[PID]`; undefined without a process id. */
  readonly process: SessionKey | undefined;
}

/**
 * The programs whose lines count, and the header by which a file's lines name their program. The header is read at the
 * start of a line only: what looks like one further on was written by somebody else.
 */
export class SyslogPrograms {
  readonly #identifiers: ReadonlySet<string>;
  readonly #header: RegExp;

  constructor(identifiers: readonly string[]) {
    this.#identifiers = new Set(identifiers);
    const names = identifiers.map((name) => name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|");
    // [<PRI>][HOST ]IDENT[PID]: as rsyslog's file formats have it behind the date (RFC 3164, 4.1). A host's last
    // character is no colon, so that no other program's identifier passes for one.
    this.#header = new RegExp(
      String.raw`^(?:<\d{1,3}>)? *((?:[\w.:%-]*\w +)?(?:${names})(?:\[\d+\])?): ?`,
      "s",
    );
  }

  has(identifier: string | undefined): boolean {
    return identifier !== undefined && this.#identifiers.has(identifier);
  }

  /** Reads the header of a line whose date is cut off; undefined where it is missing or names another program. */
  read(text: string): Message | undefined {
    const match = this.#header.exec(text);
    if (match === null) return undefined;
    const sender = match[1]!;
    return {
      text: text.slice(match[0].length),
      process: sender.endsWith("]") ? sessionKeyOf(sender) : undefined,
    };
  }
}

/**
 * A journal entry as syslog would have written it behind the date: `HOST IDENT[PID]: MESSAGE`. The header is always whole,
 * and its names hold no blank, colon or bracket: so nothing in a message can stand where a header does, whatever fields
 * an entry lacks and however its sender calls himself. Behind the kernel's stands its stamp, the seconds since the machine
 * started: `HOST kernel: [   12.345678] MESSAGE`, as printk writes it to syslog.
 */
export function asSyslog({ host = "", identifier = "", pid, uptime, text }: Entry): string {
  const process = pid !== undefined && /^\d+$/.test(pid) ? `[${pid}]` : "";
  const stamp = uptime === undefined ? "" : ` [${(uptime / 1e6).toFixed(6).padStart(12)}]`;
  const name = nameIn(identifier) || "unknown";
  return `${nameIn(host) || "localhost"} ${name}${process}:${stamp} ${text}`;
}

function nameIn(field: string): string {
  return field.replace(/[\s:[\]]/g, "_");
}
