import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import {
  type JournalEnd,
  type JournalEntry,
  type JournalOptions,
  JournalReader,
} from "../../lib/sources/mod.ts";
import { MAX_TEXT } from "../../lib/sources/journal_entry.ts";
import { PrivateJournald } from "../journald.ts";
import { type ExportedEntry, writeJournal } from "./journal_file.ts";

const BOOT_ID = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim().replaceAll("-", "");
const EARLIER_BOOT_ID = "0123456789abcdef0123456789abcdef";
const FLOOD = [["SYSLOG_IDENTIFIER=flood"]];
/** Longer than a journalctl takes that does not hang, in milliseconds, on a machine that is busy. */
const PATIENCE = 2_500;
const SINCE_EVER = { kind: "since", time: 0 } as const;

Deno.test("JournalReader catches up and follows without loss while a writer logs", async () => {
  await using journald = await PrivateJournald.start();
  const { directory } = journald;
  const write = (first: number, last: number) =>
    journald.run(["sh", "-c", `seq ${first} ${last} | logger -t flood`]);
  let writer: Promise<unknown> = write(1, 2000);
  const read = await collect(
    { directory, groups: FLOOD, start: SINCE_EVER },
    (entries) => entries.length >= 2500,
    () => {},
    () => writer = writer.then(() => write(2001, 2500)),
  );
  await writer;
  assertEquals(read.entries.map(({ text }) => text), numbers(1, 2500));
  assertEquals(read.caughtUp, 1);
  assertEquals(read.end.kind, "aborted");
});

Deno.test("JournalReader resumed from any cursor delivers each entry once", async () => {
  await using journald = await PrivateJournald.start();
  const { directory } = journald;
  const writer = journald.run(["sh", "-c", "seq 1 1000 | logger -t flood"]);
  const seen: JournalEntry[] = [];
  for (let stop = 0; seen.length < 1000;) {
    stop = Math.min(1000, stop + 1 + Math.floor(Math.random() * 300));
    const last = seen.at(-1);
    const start = last === undefined
      ? SINCE_EVER
      : { kind: "cursor", cursor: last.cursor, time: last.time } as const;
    const read = await collect(
      { directory, groups: FLOOD, start },
      (entries) => seen.length + entries.length >= stop,
    );
    seen.push(...read.entries);
  }
  await writer;
  assertEquals(seen.map(({ text }) => text), numbers(1, 1000));
});

Deno.test("JournalReader resumed from a cursor that its groups do not match loses no entry", async () => {
  await using journald = await PrivateJournald.start();
  const { directory } = journald;
  await journald.log("other", "the cursor's own entry");
  await journald.log("flood", "next");
  const { entries: [other] } = await collect(
    { directory, groups: [["SYSLOG_IDENTIFIER=other"]], start: SINCE_EVER },
    (entries) => entries.length >= 1,
  );
  const start = { kind: "cursor", cursor: other!.cursor, time: other!.time } as const;
  const read = await collect({ directory, groups: FLOOD, start }, ({ length }) => length >= 1);
  assertEquals(read.entries.map(({ text }) => text), ["next"]);
});

Deno.test("JournalReader follows on after a rotation and a restart of journald", async () => {
  await using journald = await PrivateJournald.start();
  const { directory } = journald;
  await journald.log("flood", "before");
  const texts: string[] = [];
  const read = await collect(
    { directory, groups: FLOOD, start: SINCE_EVER },
    (entries) => entries.length >= 3,
    async (entries) => {
      texts.push(...entries.map(({ text }) => text));
      if (texts.at(-1) === "before") {
        await journald.run(["journalctl", "--rotate"]);
        await journald.log("flood", "after a rotation");
      } else if (texts.at(-1) === "after a rotation") {
        await journald.stopDaemon();
        await journald.startDaemon();
        await journald.log("flood", "after a restart");
      }
    },
  );
  assertEquals(read.entries.map(({ text }) => text), [
    "before",
    "after a rotation",
    "after a restart",
  ]);
});

Deno.test("JournalReader ends when journalctl hangs, and the next one goes on where it was", async () => {
  await using journald = await PrivateJournald.start();
  await using recorded = await RecordedJournalctl.make();
  const options = { directory: journald.directory, groups: FLOOD, journalctl: recorded.path };
  await journald.log("flood", "before");
  const stopped = Promise.withResolvers<void>();
  const read = await collect(
    { ...options, start: SINCE_EVER, patience: PATIENCE },
    ({ length }) => length >= 2,
    () => {},
    async () => {
      Deno.kill(await recorded.follower(), "SIGSTOP");
      await journald.log("flood", "unseen");
      stopped.resolve();
    },
  );
  await stopped.promise;
  assertEquals(read.entries.map(({ text }) => text), ["before"]);
  assertEquals(read.end, {
    kind: "ended",
    message: "journalctl hangs: it does not show what the journal holds",
  });
  const { cursor, time } = read.entries[0]!;
  const next = await collect(
    { ...options, start: { kind: "cursor", cursor, time } },
    ({ length }) => length >= 1,
  );
  assertEquals(next.entries.map(({ text }) => text), ["unseen"]);
});

Deno.test("JournalReader ends when no journalctl answers at all", async () => {
  const read = await collectFromScript("exec sleep infinity", { patience: 100 });
  assertEquals(read.end.kind, "ended");
  assertStringIncludes(read.end.message, "hangs");
});

Deno.test("JournalReader leaves a journalctl alone that has nothing to show", async () => {
  await using journald = await PrivateJournald.start();
  await using recorded = await RecordedJournalctl.make();
  const { directory } = journald;
  await journald.log("flood", "wanted");
  const stop = new AbortController();
  const reader = new JournalReader({
    directory,
    groups: FLOOD,
    start: SINCE_EVER,
    journalctl: recorded.path,
    patience: PATIENCE,
  });
  const end = await reader.read(() => {}, stop.signal, async () => {
    await journald.log("other", "unwanted");
    // That it is asked again shows that the first answer was taken.
    await recorded.asks(2);
    stop.abort();
  });
  assertEquals(end.kind, "aborted");
});

Deno.test("JournalReader can be told to end while journalctl hangs", async () => {
  await using journald = await PrivateJournald.start();
  await using recorded = await RecordedJournalctl.make();
  const { directory } = journald;
  const stop = new AbortController();
  const reader = new JournalReader({
    directory,
    groups: FLOOD,
    start: SINCE_EVER,
    journalctl: recorded.path,
  });
  const end = await reader.read(() => {}, stop.signal, async () => {
    Deno.kill(await recorded.follower(), "SIGSTOP");
    stop.abort();
  });
  assertEquals(end.kind, "aborted");
});

Deno.test("JournalReader tells who logged, and when journald wrote it", async () => {
  await using journald = await PrivateJournald.start();
  const { directory } = journald;
  const before = Date.now();
  await journald.log("sshd", "Failed password for root", "ssh.service");
  await journald.log("sshd", "forged");
  const groups = [["_SYSTEMD_UNIT=ssh.service"]];
  const read = await collect(
    { directory, groups, fields: ["_PID"], start: SINCE_EVER },
    ({ length }) => length >= 1,
  );
  const { time, text, identifier, pid, fields } = read.entries[0]!;
  assertEquals(read.entries.length, 1);
  assertEquals({ text, identifier }, { text: "Failed password for root", identifier: "sshd" });
  assertEquals(fields._SYSTEMD_UNIT, "ssh.service");
  assertEquals(pid, fields._PID);
  assert(time >= before && time <= Date.now(), `${before} <= ${time}`);
});

Deno.test("JournalReader reports a malformed cursor as one", async () => {
  await using folder = await JournalFolder.make([entry(1, [["MESSAGE", "x"]])]);
  const start = { kind: "cursor", cursor: "nonsense", time: 0 } as const;
  const read = await collect({ directory: folder.path, groups: [], start }, () => false);
  assertEquals(read.end.kind, "bad-cursor");
  assertStringIncludes(read.end.message, "cursor");
  assertEquals(read.problems, [read.end.message]);
});

Deno.test("JournalReader goes on at the next entry where the cursor's own has vanished", async () => {
  const all = [1, 2, 3, 4].map((second) => entry(second, [["MESSAGE", `message ${second}`]]));
  await using whole = await JournalFolder.make(all);
  const { entries } = await collect(
    { directory: whole.path, groups: [], start: SINCE_EVER },
    ({ length }) => length >= 4,
  );
  await using vacuumed = await JournalFolder.make(all.slice(2));
  const { cursor, time } = entries[1]!;
  const read = await collect(
    { directory: vacuumed.path, groups: [], start: { kind: "cursor", cursor, time } },
    ({ length }) => length >= 2,
  );
  assertEquals(read.entries.map(({ text }) => text), ["message 3", "message 4"]);
});

Deno.test("JournalReader catches up with an earlier boot, from a time and from a cursor", async () => {
  await using folder = await JournalFolder.make([
    entry(1, [["MESSAGE", "earlier 1"]], EARLIER_BOOT_ID),
    entry(2, [["MESSAGE", "earlier 2"]], EARLIER_BOOT_ID),
    entry(3, [["MESSAGE", "now 1"]]),
    entry(4, [["MESSAGE", "now 2"]]),
  ]);
  const options = { directory: folder.path, groups: [] };
  const all = await collect({ ...options, start: SINCE_EVER }, ({ length }) => length >= 4);
  assertEquals(all.entries.map(({ text }) => text), ["earlier 1", "earlier 2", "now 1", "now 2"]);

  const { cursor, time } = all.entries[0]!;
  const start = { kind: "cursor", cursor, time } as const;
  const rest = await collect({ ...options, start }, ({ length }) => length >= 3);
  assertEquals(rest.entries.map(({ text }) => text), ["earlier 2", "now 1", "now 2"]);

  const since = { kind: "since", time: all.entries[2]!.time } as const;
  const late = await collect({ ...options, start: since }, ({ length }) => length >= 2);
  assertEquals(late.entries.map(({ text }) => text), ["now 1", "now 2"]);
});

Deno.test("JournalReader delivers entries of one instant once that stand in several files", async () => {
  const writers = ["a", "b", "c"];
  await using folder = await JournalFolder.make([]);
  for (const writer of writers) {
    await writeJournal(
      `${folder.path}/${writer}.journal`,
      [1, 2, 3].map((second) => entry(second, [["MESSAGE", `${second}${writer}`]])),
    );
  }
  await writeJournal(`${folder.path}/last.journal`, [entry(4, [["MESSAGE", "last"]])]);
  const options = { directory: folder.path, groups: [] };
  const isLast = (entries: readonly JournalEntry[]) => entries.at(-1)?.text === "last";
  const { entries } = await collect({ ...options, start: SINCE_EVER }, isLast);
  const texts = entries.map(({ text }) => text);
  assertEquals(texts.length, 10);
  for (const [index, { cursor, time }] of entries.slice(0, -1).entries()) {
    const rest = await collect({ ...options, start: { kind: "cursor", cursor, time } }, isLast);
    assertEquals(rest.entries.map(({ text }) => text), texts.slice(index + 1));
  }
  // The pass that follows begins at the last instant, and shows none of it again.
  await Deno.remove(`${folder.path}/last.journal`);
  const appear = () =>
    void writeJournal(`${folder.path}/more.journal`, [entry(5, [["MESSAGE", "last"]])]);
  const followed = await collect({ ...options, start: SINCE_EVER }, isLast, () => {}, appear);
  assertEquals(followed.entries.map(({ text }) => text), texts);
});

Deno.test("JournalReader takes MESSAGE in all its shapes", async () => {
  const long = "a".repeat(MAX_TEXT + 1);
  await using folder = await JournalFolder.make([
    entry(1, [["MESSAGE", "plain \t \u202e"]]),
    entry(2, [["MESSAGE", "an escape \x1b[31m"]]),
    entry(3, [["MESSAGE", Uint8Array.of(0x61, 0xff, 0x62)]]),
    entry(4, [["SYSLOG_IDENTIFIER", "without a message"]]),
    entry(5, [["MESSAGE", "one"], ["MESSAGE", "two"]]),
    entry(6, [["MESSAGE", "one"], ["MESSAGE", Uint8Array.of(0x1b, 0xff)]]),
    entry(7, [["MESSAGE", long]]),
    entry(8, [["MESSAGE", ""]]),
  ]);
  const read = await collect(
    { directory: folder.path, groups: [], start: SINCE_EVER },
    ({ length }) => length >= 8,
  );
  const texts = read.entries.map(({ text }) => text);
  assertEquals(texts.slice(0, 4), ["plain \t \u202e", "an escape \x1b[31m", "a\ufffdb", ""]);
  // journald keeps a repeated field's values in no order.
  assertEquals(texts[4]!.split("\n").sort(), ["one", "two"]);
  assertEquals(texts[5]!.split("\n").sort(), ["\x1b\ufffd", "one"]);
  assertEquals(texts.slice(6), ["a".repeat(MAX_TEXT), ""]);
  assertEquals(read.counts, { entries: 8, malformed: 0, truncated: 1, oversized: 0 });
});

Deno.test("JournalReader reads the same values, whatever they are, as journalctl prints in JSON", async () => {
  const value = fc.oneof(
    fc.string({
      unit: fc.constantFrom("a", "\n", "=", "__CURSOR=", "\t", "\x1b", "\x85", "é", "😀", "\ud800"),
    }),
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
  );
  const name = fc.constantFrom("MESSAGE", "_COMM", "_PID", "_HOSTNAME", "SYSLOG_IDENTIFIER", "OWN");
  const fields = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 8 });
  const all = fc.sample(fields, { seed: 3, numRuns: 150 });
  await using folder = await JournalFolder.make(all.map((fields, at) => entry(at, fields)));
  const read = await collect(
    { directory: folder.path, groups: [], fields: ["OWN"], start: SINCE_EVER },
    ({ length }) => length >= all.length,
  );
  const { stdout } = await new Deno.Command("journalctl", {
    args: ["--output=json", "--all", `--directory=${folder.path}`],
  }).output();
  const expected = new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) => {
    const { MESSAGE, SYSLOG_IDENTIFIER, _COMM, _PID, _HOSTNAME, OWN, __CURSOR } = JSON.parse(line);
    return {
      cursor: __CURSOR,
      text: valuesOf(MESSAGE).join("\n"),
      identifier: valuesOf(SYSLOG_IDENTIFIER)[0] ?? valuesOf(_COMM)[0],
      pid: valuesOf(_PID)[0],
      host: valuesOf(_HOSTNAME)[0],
      own: valuesOf(OWN)[0],
    };
  });
  assertEquals(
    read.entries.map(({ cursor, text, identifier, pid, host, fields }) => {
      return { cursor, text, identifier, pid, host, own: fields.OWN };
    }),
    expected,
  );
});

Deno.test("JournalReader delivers only what its groups match, as journalctl understands them", async () => {
  const one = (second: number, unit: string, comm: string) =>
    entry(second, [["MESSAGE", `${unit} ${comm}`], ["_SYSTEMD_UNIT", unit], ["_COMM", comm]]);
  await using folder = await JournalFolder.make([
    one(1, "ssh.service", "sshd"),
    one(2, "cron.service", "cron"),
    one(3, "user.service", "sshd"),
    one(4, "sshd.service", "login"),
    one(5, "last.service", "last"),
  ]);
  const groups = [
    ["_SYSTEMD_UNIT=ssh.service", "_SYSTEMD_UNIT=user.service", "_COMM=sshd"],
    ["_SYSTEMD_UNIT=last.service"],
  ];
  const read = await collect(
    { directory: folder.path, groups, start: SINCE_EVER },
    (entries) => entries.some(({ text }) => text.startsWith("last")),
  );
  assertEquals(
    read.entries.map(({ text }) => text),
    ["ssh.service sshd", "user.service sshd", "last.service last"],
  );
});

Deno.test("JournalReader counts and reports what is no entry, and reads on", async () => {
  const read = await collectFromScript(
    `printf '${printed(1)}MESSAGE=no cursor\\n\\n__CURSOR=cut off\\n${printed(2)}-- remark\\n'`,
  );
  assertEquals(read.entries.map(({ text }) => text), ["1", "2"]);
  assertEquals(read.counts, { entries: 2, malformed: 3, truncated: 0, oversized: 0 });
  assertEquals(read.problems.length, 3);
});

Deno.test("JournalReader passes over an entry too long to parse", async () => {
  const read = await collectFromScript(
    `printf '${printed(1)}__CURSOR=long\\nMESSAGE='; head -c 20000000 /dev/zero | tr '\\0' x;` +
      `printf '\\n\\n${printed(2)}'`,
  );
  assertEquals(read.entries.map(({ text }) => text), ["1", "2"]);
  assertEquals(read.counts, { entries: 2, malformed: 0, truncated: 0, oversized: 1 });
});

Deno.test("JournalReader ends with journalctl's own words when it fails", async () => {
  const read = await collectFromScript("echo 'No journal files were opened' >&2; exit 1");
  assertEquals(read.end, { kind: "ended", message: "No journal files were opened" });
  assertEquals(read.problems, ["No journal files were opened"]);
  assertEquals(read.caughtUp, 0);
});

Deno.test("JournalReader says so where the journal may not be read", async () => {
  await using folder = await JournalFolder.make([entry(1, [["MESSAGE", "x"]])]);
  await Deno.chmod(`${folder.path}/test.journal`, 0o600);
  const script = `${folder.path}/journalctl`;
  await Deno.writeTextFile(
    script,
    '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups journalctl "$@"\n',
    { mode: 0o755 },
  );
  await Deno.chmod(folder.path, 0o755);
  const read = await collect(
    { directory: folder.path, groups: [], start: SINCE_EVER, journalctl: script },
    () => false,
  );
  assertEquals(read.end.kind, "ended");
  assertStringIncludes(read.end.message, "insufficient permissions");
});

Deno.test("JournalReader passes on what its consumer throws, and leaves no process", async () => {
  await using folder = await JournalFolder.make([entry(1, [["MESSAGE", "x"]])]);
  const reader = new JournalReader({ directory: folder.path, groups: [], start: SINCE_EVER });
  let message = "";
  try {
    await reader.read(() => {
      throw new Error("full");
    }, new AbortController().signal);
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "full");
});

interface Collected {
  readonly entries: JournalEntry[];
  readonly end: JournalEnd;
  readonly caughtUp: number;
  readonly problems: string[];
  readonly counts: JournalReader["counts"];
}

/** Reads until `isEnough`, or until the reader ends. */
async function collect(
  options: JournalOptions,
  isEnough: (entries: readonly JournalEntry[]) => boolean,
  onEntries: (entries: readonly JournalEntry[]) => void | Promise<void> = () => {},
  onCaughtUp: () => void = () => {},
): Promise<Collected> {
  const entries: JournalEntry[] = [];
  const problems: string[] = [];
  let caughtUp = 0;
  const stop = new AbortController();
  const reader = new JournalReader({ ...options, onProblem: (text) => problems.push(text) });
  const end = await reader.read(
    async (some) => {
      entries.push(...some);
      await onEntries(some);
      if (isEnough(entries)) stop.abort();
    },
    stop.signal,
    () => {
      caughtUp++;
      onCaughtUp();
    },
  );
  return { entries, end, caughtUp, problems, counts: reader.counts };
}

/** Reads from a shell script in journalctl's place, for what the real one does not do on demand. */
async function collectFromScript(
  script: string,
  options: Partial<JournalOptions> = {},
): Promise<Collected> {
  const path = await Deno.makeTempFile();
  try {
    // The second pass ends at once.
    await Deno.writeTextFile(path, `#!/bin/sh\n[ "$1" != --follow ] || exit 0\n${script}\n`);
    await Deno.chmod(path, 0o755);
    const all = { groups: [], start: SINCE_EVER, journalctl: path, ...options } as const;
    return await collect(all, () => false);
  } finally {
    await Deno.remove(path);
  }
}

/** The real journalctl behind a script that writes down how it was called. */
class RecordedJournalctl {
  private constructor(readonly folder: string) {}

  static async make(): Promise<RecordedJournalctl> {
    const recorded = new RecordedJournalctl(await Deno.makeTempDir());
    const script = `#!/bin/sh\necho "$$ $*" >>${recorded.folder}/calls\nexec journalctl "$@"\n`;
    await Deno.writeTextFile(recorded.path, script, { mode: 0o755 });
    return recorded;
  }

  get path(): string {
    return `${this.folder}/journalctl`;
  }

  /** The process that follows, once it does. */
  async follower(): Promise<number> {
    const [call] = await this.#calls("--follow", 1);
    const pid = Number.parseInt(call!);
    // Before it waits for what comes it may still show what there is.
    await until(() => /^State:\s+S/m.test(Deno.readTextFileSync(`/proc/${pid}/status`)));
    return pid;
  }

  /** Waits until the newest entry has been asked for so many times. */
  async asks(times: number): Promise<void> {
    await this.#calls("--lines=1", times);
  }

  async #calls(word: string, times: number): Promise<readonly string[]> {
    let calls: readonly string[] = [];
    await until(() => {
      const text = Deno.readTextFileSync(`${this.folder}/calls`);
      calls = text.split("\n").filter((call) => call.includes(word));
      return calls.length >= times;
    });
    return calls;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

class JournalFolder {
  private constructor(readonly path: string) {}

  static async make(entries: readonly ExportedEntry[]): Promise<JournalFolder> {
    const folder = new JournalFolder(await Deno.makeTempDir());
    await writeJournal(`${folder.path}/test.journal`, entries);
    return folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

function entry(
  second: number,
  fields: ExportedEntry["fields"],
  boot: string = BOOT_ID,
): ExportedEntry {
  return {
    realtime: (1_700_000_000 + second) * 1e6,
    monotonic: (second + (boot === BOOT_ID ? 0 : 1000)) * 1e6,
    boot,
    fields,
  };
}

/** The values of a field in the Journal JSON Format: a text, the bytes of what is none, or a list of such values. */
function valuesOf(value: unknown): string[] {
  if (value === undefined) return [];
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) throw new TypeError(`${value} is no field's value`);
  return typeof value[0] === "number"
    ? [new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(value))]
    : value.flatMap(valuesOf);
}

/** An entry as journalctl prints it, in the words of printf(1). */
function printed(n: number): string {
  return `__CURSOR=c${n}\\n__REALTIME_TIMESTAMP=${n}000\\nMESSAGE=${n}\\n\\n`;
}

function numbers(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}`);
}
