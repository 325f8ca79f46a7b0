/** Journal files with any content: journald itself lets nobody set fields such as `_SYSTEMD_UNIT` or the boot. */

/** One entry; a value as bytes may hold anything, several values make the field occur several times. */
export interface ExportedEntry {
  /** `__REALTIME_TIMESTAMP` in microseconds. */
  readonly realtime: number;
  /** Microseconds since the boot. */
  readonly monotonic: number;
  /** 32 hexadecimal digits. */
  readonly boot: string;
  readonly fields: readonly (readonly [name: string, value: string | Uint8Array])[];
}

/** Makes `PATH`, which must end in `.journal`, from entries in the Journal Export Format. */
export async function writeJournal(path: string, entries: readonly ExportedEntry[]): Promise<void> {
  const child = new Deno.Command("/lib/systemd/systemd-journal-remote", {
    args: ["-o", path, "-"],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  for (const entry of entries) await writer.write(exported(entry));
  await writer.close();
  const { success, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

function exported({ realtime, monotonic, boot, fields }: ExportedEntry): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [
    encode(
      `__REALTIME_TIMESTAMP=${realtime}\n__MONOTONIC_TIMESTAMP=${monotonic}\n_BOOT_ID=${boot}\n`,
    ),
  ];
  for (const [name, value] of fields) {
    const bytes = typeof value === "string" ? encode(value) : value;
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
    parts.push(encode(`${name}\n`), length, bytes, encode("\n"));
  }
  parts.push(encode("\n"));
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
