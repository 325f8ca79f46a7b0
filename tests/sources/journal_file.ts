/** Journal files with any content: journald itself lets nobody set fields such as `_SYSTEMD_UNIT` or the boot. */
import { exported } from "./exported.ts";

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
export async function writeJournal(path: string, entries: Iterable<ExportedEntry>): Promise<void> {
  const child = new Deno.Command("/lib/systemd/systemd-journal-remote", {
    args: ["-o", path, "-"],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  for (const entry of entries) await writer.write(bytesOf(entry));
  await writer.close();
  const { success, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

function bytesOf({ realtime, monotonic, boot, fields }: ExportedEntry): Uint8Array<ArrayBuffer> {
  const own = [
    ["__REALTIME_TIMESTAMP", `${realtime}`],
    ["__MONOTONIC_TIMESTAMP", `${monotonic}`],
    ["_BOOT_ID", boot],
  ] as const;
  return exported([
    ...own.map(([name, value]) => ({ name, value, isBinary: false })),
    ...fields.map(([name, value]) => ({ name, value, isBinary: true })),
  ]);
}
