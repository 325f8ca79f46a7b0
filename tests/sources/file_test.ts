import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { decodeLines } from "../../lib/decode_lines.ts";
import { FileSource } from "../../lib/sources/mod.ts";
import { bundle, placeDeno } from "../banjo.ts";
import { LogFolder, Reader } from "./log_folder.ts";

Deno.test("FileSource delivers what is there, then each line as it is written", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "1\n2\n");
  await using reader = await Reader.start(folder, ["a.log"]);
  assertEquals(reader.lines("a.log"), ["1", "2"]);
  folder.append("a.log", "3\n");
  await reader.until("a.log", 3);
  folder.append("a.log", "4\n5\n");
  await reader.until("a.log", 5);
  assertEquals(reader.lines("a.log"), ["1", "2", "3", "4", "5"]);
});

Deno.test("FileSource keeps a partial last line back until its end is written", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "1\nhal");
  await using reader = await Reader.start(folder, ["a.log"]);
  assertEquals(reader.lines("a.log"), ["1"]);
  folder.append("a.log", "f\n");
  await reader.until("a.log", 2);
  assertEquals(reader.lines("a.log"), ["1", "half"]);
});

Deno.test("FileSource reads a renamed file to its end, late writes too, and the new one from its beginning", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "1\n");
  await using reader = await Reader.start(folder, ["a.log"]);
  folder.append("a.log", "2\n");
  folder.rename("a.log", "a.log.1");
  folder.append("a.log.1", "3\n");
  folder.append("a.log", "4\n");
  await reader.until("a.log", 4);
  assertEquals(reader.lines("a.log"), ["1", "2", "3", "4"]);
  folder.append("a.log.1", "late\n");
  await reader.until("a.log", 5);
  assertEquals(reader.lines("a.log").at(-1), "late");
});

Deno.test("FileSource reads every file of several rotations in a row", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "1\n");
  await using reader = await Reader.start(folder, ["a.log"]);
  for (const n of [2, 3, 4, 5]) {
    for (const old of [3, 2, 1]) folder.renameIfThere(`a.log.${old}`, `a.log.${old + 1}`);
    folder.rename("a.log", "a.log.1");
    folder.append("a.log", `${n}\n`);
  }
  await reader.until("a.log", 5);
  assertEquals(reader.lines("a.log"), ["1", "2", "3", "4", "5"]);
});

Deno.test("FileSource reads a file that came and went while the path was missing", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "1\n");
  await using reader = await Reader.start(folder, ["a.log"]);
  folder.rename("a.log", "a.log.1");
  await reader.settle();
  assertEquals(reader.source.missing, [folder.path("a.log")]);
  for (const n of [2, 3]) {
    for (const old of [2, 1]) folder.renameIfThere(`a.log.${old}`, `a.log.${old + 1}`);
    folder.append("a.log", `${n}\n`);
    folder.rename("a.log", "a.log.1");
    await reader.until("a.log", n);
  }
  folder.append("a.log.1", "late\n");
  await reader.until("a.log", 4);
  assertEquals(reader.lines("a.log"), ["1", "2", "3", "late"]);
});

Deno.test("FileSource starts again in a file that was cut, and takes the rest from the copy", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "1\n2\n");
  await using reader = await Reader.start(folder, ["a.log"]);
  folder.append("a.log", "3\n");
  Deno.copyFileSync(folder.path("a.log"), folder.path("a.log.1"));
  Deno.truncateSync(folder.path("a.log"), 0);
  folder.append("a.log", "4\n");
  await reader.until("a.log", 4);
  assertEquals(reader.lines("a.log"), ["1", "2", "3", "4"]);
});

Deno.test("FileSource notices a cut file that has already grown beyond its old size", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "first\n");
  await using reader = await Reader.start(folder, ["a.log"]);
  Deno.writeTextFileSync(folder.path("a.log"), "another\nmore than before\n");
  await reader.until("a.log", 3);
  assertEquals(reader.lines("a.log"), ["first", "another", "more than before"]);
});

Deno.test("FileSource leaves out the NULs that a cut file gets from a program that does not append", async () => {
  using folder = new LogFolder();
  for (const gap of [10, 100_000, 1_000_000]) {
    const name = `${gap}.log`;
    folder.append(name, "x".repeat(99) + "\n");
    await using reader = await Reader.start(folder, [name]);
    using file = Deno.openSync(folder.path(name), { write: true });
    Deno.truncateSync(folder.path(name), 0);
    file.seekSync(gap, Deno.SeekMode.Start);
    file.writeSync(new TextEncoder().encode("after the gap\n"));
    await reader.until(name, 2);
    assertEquals(reader.lines(name)[1], "after the gap");
  }
});

Deno.test("FileSource reads a file that was deleted and made again, even with the same inode", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "1\n");
  await using reader = await Reader.start(folder, ["a.log"]);
  folder.remove("a.log");
  folder.append("a.log", "2\n");
  await reader.until("a.log", 2);
  folder.remove("a.log");
  await reader.settle();
  assertEquals(reader.source.missing, [folder.path("a.log")]);
  folder.append("a.log", "3\n");
  await reader.until("a.log", 3);
  assertEquals(reader.lines("a.log"), ["1", "2", "3"]);
});

Deno.test("FileSource waits for files and folders that appear later", async () => {
  using folder = new LogFolder();
  const patterns = ["a.log", "deep/er/b.log", "**/*.txt"];
  await using reader = await Reader.start(folder, patterns);
  assertEquals(reader.source.missing, patterns.map((pattern) => folder.path(pattern)));
  folder.append("a.log", "a\n");
  await reader.until("a.log", 1);
  assertEquals(reader.source.missing, patterns.slice(1).map((pattern) => folder.path(pattern)));
  folder.append("deep/er/b.log", "b\n");
  await reader.until("deep/er/b.log", 1);
  folder.append("deep/er/c.txt", "c\n");
  await reader.until("deep/er/c.txt", 1);
  folder.append("d.txt", "d\n");
  await reader.until("d.txt", 1);
  assertEquals(reader.source.missing, []);
});

Deno.test("FileSource follows into a folder that replaces another", async () => {
  using folder = new LogFolder();
  folder.append("app/a.log", "1\n");
  await using reader = await Reader.start(folder, ["app/a.log"]);
  folder.rename("app", "app.old");
  folder.append("app/a.log", "2\n");
  await reader.until("app/a.log", 2);
  folder.append("app/a.log", "3\n");
  await reader.until("app/a.log", 3);
  assertEquals(reader.lines("app/a.log"), ["1", "2", "3"]);
});

Deno.test("FileSource follows into a folder that is replaced again and again, at any time", async () => {
  using folder = new LogFolder();
  folder.append("app/a.log", "0\n");
  await using reader = await Reader.start(folder, ["app/a.log"]);
  for (let n = 1; n <= 300; n++) {
    if (n % 2 === 0) folder.remove("app");
    else folder.rename("app", `app.${n}`);
    // The watching thread looks at the path meanwhile.
    for (const end = performance.now() + Math.random() / 10; performance.now() < end;);
    folder.append("app/a.log", `${n}\n`);
    await reader.until("app/a.log", n + 1);
  }
  assertEquals(reader.lines("app/a.log"), Array.from({ length: 301 }, (_, n) => `${n}`));
});

Deno.test("FileSource does not read again what a pattern also finds under its rotated name", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "1\n");
  const reader = await Reader.start(folder, ["a.log*"]);
  const rotate = () => {
    for (const old of [2, 1]) folder.renameIfThere(`a.log.${old}`, `a.log.${old + 1}`);
    folder.rename("a.log", "a.log.1");
  };
  rotate();
  folder.append("a.log", "2\n");
  await reader.untilTotal(2);
  rotate();
  folder.append("a.log", "3\n");
  await reader.untilTotal(3);
  folder.append("a.log.2", "late\n");
  await reader.untilTotal(4);
  assertEquals(reader.allLines().sort(), ["1", "2", "3", "late"]);
  const positions = await reader.stop();
  rotate();
  folder.append("a.log", "4\n");
  await using again = await Reader.start(folder, ["a.log*"], { positions });
  assertEquals(again.allLines(), ["4"]);
});

Deno.test("FileSource follows a symbolic link to where it leads, and when it is switched", async () => {
  using folder = new LogFolder();
  using elsewhere = new LogFolder();
  elsewhere.append("one.log", "1\n");
  elsewhere.append("two.log", "3\n");
  Deno.symlinkSync(elsewhere.path("one.log"), folder.path("a.log"));
  await using reader = await Reader.start(folder, ["a.log"]);
  elsewhere.append("one.log", "2\n");
  await reader.until("a.log", 2);
  folder.remove("a.log");
  Deno.symlinkSync(elsewhere.path("two.log"), folder.path("a.log"));
  await reader.until("a.log", 3);
  elsewhere.append("two.log", "4\n");
  await reader.until("a.log", 4);
  assertEquals(reader.lines("a.log"), ["1", "2", "3", "4"]);
});

Deno.test("FileSource delivers a line once that several paths lead to, by links or spelling", async () => {
  using folder = new LogFolder();
  folder.append("b.log", "1\n");
  Deno.symlinkSync("b.log", folder.path("current.log"));
  Deno.linkSync(folder.path("b.log"), folder.path("hard.log"));
  const patterns = ["*.log", "/b.log"];
  const reader = await Reader.start(folder, patterns);
  assertEquals(reader.allLines(), ["1"]);
  assertEquals(reader.source.missing, []);
  for (const [n, name] of ["b.log", "current.log", "hard.log"].entries()) {
    folder.append(name, `${n + 2}\n`);
    await reader.untilTotal(n + 2);
  }
  assertEquals(reader.allLines(), ["1", "2", "3", "4"]);
  const paths = ["b.log", "current.log", "hard.log", "/b.log"].map((name) => folder.path(name));
  assertEquals(reader.paths, paths);
  // The file stays under its other names when the first one is taken away.
  folder.remove("b.log");
  folder.append("hard.log", "5\n");
  await reader.untilTotal(5);
  const positions = await reader.stop();
  assertEquals(reader.allLines(), ["1", "2", "3", "4", "5"]);
  folder.append("hard.log", "6\n");
  await using again = await Reader.start(folder, patterns, { positions });
  assertEquals(again.allLines(), ["6"]);
});

for (const link of ["a-link.log", "link.log"]) {
  for (const isRunning of [true, false]) {
    const when = isRunning ? "while it runs" : "between two runs";
    Deno.test(`FileSource delivers each line once when ${link} is switched to the day's file ${when}`, async () => {
      using folder = new LogFolder();
      const pointTo = (name: string) => {
        Deno.symlinkSync(name, folder.path("new"));
        folder.rename("new", link);
      };
      let positions = {};
      const day = (n: number) => `day-${n}.log`;
      folder.append(day(1), "1\n");
      pointTo(day(1));
      const written = ["1"];
      let reader = await Reader.start(folder, ["*.log"]);
      const delivered = () => [...read, ...reader.allLines()].sort();
      const read: string[] = [];
      for (let n = 2; n < 6; n++) {
        // As a program does it that has the old file open until then, or, every other day, the new one earlier.
        folder.append(day(n), n % 2 === 0 ? "" : `${n} early\n`);
        if (n % 2 === 1) {
          written.push(`${n} early`);
          await reader.untilTotal(written.length - read.length);
        }
        if (!isRunning) {
          positions = await reader.stop();
          read.push(...reader.allLines());
        }
        folder.append(day(n - 1), `${n} last\n`);
        pointTo(day(n));
        folder.append(day(n), `${n} new\n`);
        written.push(`${n} last`, `${n} new`);
        if (!isRunning) reader = await Reader.start(folder, ["*.log"], { positions });
        await reader.untilTotal(written.length - read.length);
        folder.append(day(n - 1), `${n} late\n`);
        written.push(`${n} late`);
        await reader.untilTotal(written.length - read.length);
        assertEquals(delivered(), written.toSorted());
      }
      await reader.stop();
      assertEquals(delivered(), written.toSorted());
    });
  }
}

for (const other of ["link", "/a.log"]) {
  Deno.test(`FileSource reads a file that came and went while a.log and ${other} were missing`, async () => {
    using folder = new LogFolder();
    folder.append("a.log", "1\n");
    Deno.symlinkSync("a.log", folder.path("link"));
    await using reader = await Reader.start(folder, [other, "a.log"]);
    folder.rename("a.log", "a.log.1");
    await reader.settle();
    folder.append("a.log", "2\n");
    folder.rename("a.log.1", "a.log.2");
    folder.rename("a.log", "a.log.1");
    folder.append("a.log", "3\n");
    await reader.untilTotal(3);
    assertEquals(reader.allLines().sort(), ["1", "2", "3"]);
  });
}

Deno.test("FileSource delivers what a link led to until now for that link, too", async () => {
  using folder = new LogFolder();
  folder.append("blue.log", "1\n");
  folder.append("green.log", "");
  Deno.symlinkSync("blue.log", folder.path("link"));
  await using reader = await Reader.start(folder, ["blue.log", "green.log", "link"]);
  folder.append("blue.log", "2\n");
  Deno.symlinkSync("green.log", folder.path("new"));
  folder.rename("new", "link");
  await reader.untilTotal(2);
  assertEquals(reader.paths, [folder.path("blue.log"), folder.path("link")]);
  folder.append("green.log", "3\n");
  await reader.untilTotal(3);
  assertEquals(reader.paths, [folder.path("green.log"), folder.path("link")]);
});

Deno.test("FileSource tells once what keeps a path from being read, and reads it when it can", async () => {
  using folder = new LogFolder();
  Deno.mkdirSync(folder.path("a.log"));
  await using reader = await Reader.start(folder, ["a.log", "b.log"]);
  folder.append("b.log", "1\n");
  await reader.until("b.log", 1);
  const problem = `Cannot read ${folder.path("a.log")}: it is a folder`;
  assertEquals(reader.problems, [problem]);
  assertEquals(reader.source.missing, []);
  folder.remove("a.log");
  folder.append("a.log", "1\n");
  await reader.until("a.log", 1);
  assertEquals(reader.problems, [problem, `No longer: ${problem}`]);
});

Deno.test("FileSource tells no longer of what no pattern leads to any more", async () => {
  using folder = new LogFolder();
  await using reader = await Reader.start(folder, ["*.log"]);
  const socket = Deno.listen({ transport: "unix", path: folder.path("a.log") });
  await reader.settle();
  const problem = `Cannot read ${folder.path("a.log")}: it is not a regular file`;
  assertEquals(reader.source.problems, [problem]);
  socket.close();
  await reader.settle();
  assertEquals(reader.source.problems, []);
  assertEquals(reader.problems, [problem, `No longer: ${problem}`]);
});

Deno.test("FileSource reads a file from its start on once it may be read", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "1\n");
  Deno.chmodSync(folder.path("."), 0o755);
  Deno.chmodSync(folder.path("a.log"), 0o600);
  const script = `
    import { FileSource } from ${JSON.stringify(import.meta.resolve("../../lib/sources/mod.ts"))};
    const stop = new AbortController();
    const source = new FileSource({
      patterns: [${JSON.stringify(folder.path("a.log"))}],
      positions: {},
      startTime: () => -Infinity,
      dateOf: () => undefined,
      onProblem: (text) => console.log("problem", text),
      onCaughtUp: () => console.log("waiting"),
    });
    await source.run((_, block) => { console.log("line", new TextDecoder().decode(block)); stop.abort(); }, stop.signal);`;
  folder.append("follow.ts", script);
  await bundle(folder.path("follow.ts"), folder.path("follow.js"));
  const deno = [await placeDeno(folder.path(".")), "run", "-A", "--no-lock", "--no-config"];
  const child = new Deno.Command("setpriv", {
    args: ["--reuid=65534", "--regid=65534", "--clear-groups", ...deno, folder.path("follow.js")],
    env: { DENO_DIR: folder.path("cache"), HOME: folder.path(".") },
    stdout: "piped",
    stderr: "inherit",
  });
  Deno.mkdirSync(folder.path("cache"), { mode: 0o777 });
  Deno.chmodSync(folder.path("cache"), 0o777);
  const running = child.spawn();
  let said = "";
  for await (const text of running.stdout.pipeThrough(new TextDecoderStream())) {
    if (!said.includes("waiting") && (said + text).includes("waiting")) {
      Deno.chmodSync(folder.path("a.log"), 0o644);
    }
    said += text;
  }
  assertEquals((await running.status).code, 0);
  assertEquals(said.match(/^problem Cannot read .*Permission denied/gm)?.length, 1);
  assertStringIncludes(said, "line 1\n");
});

Deno.test("FileSource takes CRLF, NUL and bytes that are no UTF-8 as they come", async () => {
  using folder = new LogFolder();
  Deno.writeFileSync(
    folder.path("a.log"),
    Uint8Array.from(
      [..."crlf\r\na\0b\n\n"].map((c) => c.charCodeAt(0)).concat([0xff, 0xfe, 10, 0xc3, 0xbc, 10]),
    ),
  );
  await using reader = await Reader.start(folder, ["a.log"]);
  assertEquals(reader.lines("a.log"), ["crlf\r", "a\0b", "", "\ufffd\ufffd", "ü"]);
});

Deno.test("FileSource delivers the beginning of a line of 10 MB, and the lines around it", async () => {
  using folder = new LogFolder();
  const long = "0123456789".repeat(1024 * 1024);
  folder.append("a.log", `before\n${long}\nbetween\n${long.slice(0, 100_000)}\nafter\n`);
  await using reader = await Reader.start(folder, ["a.log"]);
  assertEquals(
    reader.lines("a.log"),
    ["before", long.slice(0, 65536), "between", long.slice(0, 65536), "after"],
  );
  assertEquals(reader.source.cutLines, 2);
  for (let start = 0; start < long.length; start += 1_000_003) {
    folder.append("a.log", long.slice(start, start + 1_000_003));
    await reader.settle();
  }
  assertEquals(reader.lines("a.log").length, 5);
  folder.append("a.log", "\nlast\n");
  await reader.until("a.log", 7);
  assertEquals(reader.lines("a.log").slice(5), [long.slice(0, 65536), "last"]);
});

Deno.test("FileSource resumes at its positions, in the file that was renamed meanwhile, too", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "1\n2");
  const first = await Reader.start(folder, ["a.log"]);
  const positions = await first.stop();
  assertEquals(first.lines("a.log"), ["1"]);
  folder.append("a.log", "\n");
  folder.rename("a.log", "a.log-20261120");
  folder.append("a.log", "3\n");
  folder.rename("a.log", "a.log-20261121");
  folder.append("a.log", "4\n");
  await using second = await Reader.start(folder, ["a.log"], { positions });
  assertEquals(second.lines("a.log"), ["2", "3", "4"]);
});

Deno.test("FileSource reads the renamed file on while there is no new one", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "1\n");
  const positions = await (await Reader.start(folder, ["a.log"])).stop();
  folder.append("a.log", "2\n");
  folder.rename("a.log", "a.log.1");
  const reader = await Reader.start(folder, ["a.log"], { positions });
  assertEquals(reader.lines("a.log"), ["2"]);
  folder.append("a.log.1", "3\n");
  await reader.until("a.log", 2);
  const later = await reader.stop();
  folder.append("a.log.1", "4\n");
  folder.append("a.log", "5\n");
  await using again = await Reader.start(folder, ["a.log"], { positions: later });
  assertEquals(again.lines("a.log"), ["4", "5"]);
});

Deno.test("FileSource starts again where the file is another one in spite of its inode", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "old 1\nold 2\n");
  const reader = await Reader.start(folder, ["a.log"]);
  const positions = await reader.stop();
  Deno.writeTextFileSync(folder.path("a.log"), "new 1\nnew 2\nnew 3\n");
  await using again = await Reader.start(folder, ["a.log"], { positions });
  assertEquals(again.lines("a.log"), ["new 1", "new 2", "new 3"]);
});

Deno.test("FileSource begins a file without position at the first line of the start time", async () => {
  using folder = new LogFolder();
  const dated = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => `${from + n}\n`).join("");
  folder.append("a.log", dated(0, 1000));
  folder.append("undated.log", "a\nb\nhal");
  await using reader = await Reader.start(folder, ["a.log", "undated.log", "later.log"], {
    startTime: () => 990,
    dateOf: (_, line) => /^\d+$/.test(line) ? Number(line) : undefined,
  });
  assertEquals(reader.lines("a.log"), dated(990, 1000).trimEnd().split("\n"));
  assertEquals(reader.lines("undated.log"), []);
  folder.append("undated.log", "f\n");
  await reader.until("undated.log", 1);
  assertEquals(reader.lines("undated.log"), ["half"]);
  folder.append("later.log", "1\n");
  await reader.until("later.log", 1);
});

Deno.test("FileSource gives other tasks their turn while it reads a long file", async () => {
  using folder = new LogFolder();
  const line = "x".repeat(99) + "\n";
  for (let n = 0; n < 20; n++) folder.append("a.log", line.repeat(100_000));
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  let bytes = 0;
  const stop = new AbortController();
  const source = new FileSource({
    patterns: [folder.path("a.log")],
    positions: {},
    startTime: () => -Infinity,
    dateOf: () => undefined,
    onCaughtUp: () => stop.abort(),
  });
  let longest = 0;
  await source.run((_, block) => {
    bytes += block.length;
    longest = Math.max(longest, block.length);
  }, stop.signal);
  clearInterval(timer);
  assertEquals(bytes, 200_000_000);
  assert(ticks > 0, "no timer ran");
  assertLess(longest, 1024 * 1024);
});

Deno.test("FileSource counts nothing as delivered that its consumer refused, and can be run again", async () => {
  using folder = new LogFolder();
  folder.append("a.log", "1\n");
  const source = new FileSource({
    patterns: [folder.path("a.log")],
    positions: {},
    startTime: () => -Infinity,
    dateOf: () => undefined,
  });
  const stop = new AbortController();
  let message = "";
  await source.run(() => {
    throw new Error("full");
  }, stop.signal).catch((error: Error) => message = error.message);
  assertEquals(message, "full");
  assertEquals(source.positions()[folder.path("a.log")]?.offset, 0);
  const seen: string[] = [];
  await source.run((_, block) => {
    seen.push(decodeLines(block));
    stop.abort();
  }, stop.signal);
  assertEquals(seen, ["1\n"]);
  assertEquals(source.positions()[folder.path("a.log")]?.offset, 2);
});
