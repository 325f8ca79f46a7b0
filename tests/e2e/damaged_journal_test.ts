/** The agent with journal files that a disk has damaged, and with those that were vacuumed while it was away. */
import { assert, assertEquals } from "@std/assert";
import { TestAgent } from "../agent.ts";
import { writeJournal } from "../sources/journal_file.ts";

const ENTRIES = 300;

Deno.test("damaged journal files cost what was in them, vacuumed ones nothing that was read", async () => {
  await using agent = await TestAgent.create({ config: {} });
  const journal = `${agent.folder}/journal`;
  await Deno.mkdir(journal);
  const start = Date.now() - 60_000;
  /** One file of entries; each file's host has a number. */
  const write = (file: number) =>
    writeJournal(
      `${journal}/${file}.journal`,
      Array.from({ length: ENTRIES }, (_, index) => ({
        realtime: (start + file * 1000 + index) * 1000,
        monotonic: (1000 + file * 1000 + index) * 1000,
        boot: "0".repeat(31) + "1",
        fields: [
          ["MESSAGE", `failed 198.51.100.${file} marker ${index} ${"x".repeat(50)}`],
          ["_UID", "0"],
        ],
      })),
    );
  for (const file of [1, 2, 3, 4]) await write(file);
  await damage(`${journal}/2.journal`, "marker 150 ", 20_000);
  await damage(`${journal}/3.journal`, "LPKSHHRH", 200);
  await agent.configure({
    "banjo.toml":
      `[defaults]\nfirewall = "dry-run"\n[agent]\njournal = { directory = "${journal}" }\n`,
    "jails/app.toml": `[app]
enabled = true
journalmatch = "_UID=0"
failregex = ['^failed <ADDR> marker \\d+ x+$']
maxretry = ${ENTRIES}
findtime = "1h"
bantime = "1h"
firewall = "dry-run"
`,
  });
  await agent.run();
  // A whole file is a ban, and a part of one is not.
  await agent.waitForBan("198.51.100.4");
  assertEquals(await agent.banned(), ["198.51.100.1", "198.51.100.4"]);
  const total = async () => (await agent.query("status", "app"))[0].failed.total;
  const counted = await total();
  assert(counted > 2 * ENTRIES && counted < 3 * ENTRIES, `${counted}`);

  // It follows what is written from now on, damaged files beside it or not.
  await write(5);
  await agent.waitForBan("198.51.100.5");

  await agent.stop();
  for (const file of [1, 2, 3, 4, 5]) await Deno.remove(`${journal}/${file}.journal`);
  await write(6);
  await agent.run();
  await agent.waitForBan("198.51.100.6");
  await write(7);
  await agent.waitForBan("198.51.100.7");
  assertEquals(await total(), counted + 3 * ENTRIES);
  assertEquals((await agent.cli("status")).stdout.split("\n")[0], "healthy");
});

/** Overwrites so many bytes of a file from where a text stands. */
async function damage(path: string, text: string, bytes: number): Promise<void> {
  const content = await Deno.readFile(path);
  const at = new TextDecoder("latin1").decode(content).indexOf(text);
  assert(at >= 0, `${text} is not in ${path}`);
  content.fill(0xa5, at, at + bytes);
  await Deno.writeFile(path, content);
}
