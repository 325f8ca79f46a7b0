import { assertEquals } from "@std/assert";
import { LogFolder, Reader } from "./log_folder.ts";

/** Writes numbered lines, opening its log again whenever its path leads to another file, as after a signal. */
const WRITER = `
my ($path, $count) = @ARGV;
my ($log, $inode);
for my $n (1 .. $count) {
  if (!defined $inode || $n % 100 == 0 && (!-e $path || (stat $path)[1] != $inode)) {
    open($log, ">>", $path) or die; $log->autoflush(1); $inode = (stat $log)[1];
  }
  print $log "$n\\n";
  select(undef, undef, undef, 0.001) if $n % 50 == 0;
}`;

const COUNT = 20_000;

for (
  const [manner, rotate] of [
    ["renamed", (folder) => {
      for (let n = 20; n > 0; n--) folder.renameIfThere(`a.log.${n}`, `a.log.${n + 1}`);
      folder.renameIfThere("a.log", "a.log.1");
    }],
    ["renamed by date", (folder, n) => {
      folder.renameIfThere("a.log", `a.log-202611${`${n}`.padStart(2, "0")}`);
    }],
    ["deleted", async (folder, _n, reader) => {
      if (!folder.has("a.log")) return;
      // What nobody has open is gone with its name.
      await until(() => hasOpen(reader, folder.path("a.log")));
      folder.remove("a.log");
    }],
  ] as [string, (folder: LogFolder, n: number, reader: Reader) => void | Promise<void>][]
) {
  Deno.test(`FileSource loses no line of a program that writes while its log is ${manner}`, async () => {
    using folder = new LogFolder();
    await using reader = await Reader.start(folder, ["a.log"]);
    const writer = new Deno.Command("perl", {
      args: ["-MIO::Handle", "-e", WRITER, folder.path("a.log"), `${COUNT}`],
    }).spawn();
    for (let n = 1; n <= 15; n++) {
      await reader.until("a.log", n * 1000);
      await rotate(folder, n, reader);
    }
    await writer.status;
    await reader.until("a.log", COUNT);
    const numbers = reader.lines("a.log").map(Number).sort((a, b) => a - b);
    assertEquals(numbers, Array.from({ length: COUNT }, (_, index) => index + 1));
  });
}

function hasOpen(reader: Reader, path: string): boolean {
  return reader.source.positions()[path]?.inode === Deno.statSync(path).ino;
}

async function until(isReached: () => boolean): Promise<void> {
  for (const start = performance.now(); !isReached();) {
    if (performance.now() - start > 60_000) throw new Error("The log was not opened in a minute");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
