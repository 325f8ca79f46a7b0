/**
 * Every shell example of the documentation, run as its reader would: on a booted server with banjo installed and logs of a
 * day, page by page, in order. Blocks that are files are put where their first line says.
 */
import { assert, assertEquals } from "@std/assert";
import { testAsRoot } from "../root.ts";
import { type Server, serverPrograms } from "../server.ts";
import { makeWeek, writeWeekJournal } from "../week.ts";
import { addHosts, eventually, filledCache, install, newServer } from "../install/server.ts";
import { expectOutput, sessionOf } from "./console.ts";
import { notRun, stages } from "./stages.ts";
import { type Block, type Page, readPages } from "./pages.ts";

testAsRoot(
  "every example in the documentation works on a server as its reader has it",
  {
    programs: [
      ...serverPrograms,
      "nft",
      "ufw",
      "nginx",
      "caddy",
      "php",
      "uvicorn",
      "curl",
      "fail2ban-server",
      "jq",
      "socat",
    ],
  },
  async (t) => {
    const pages = (await readPages()).filter((page) => page.blocks.some(isRun));
    assert(pages.length > 5);
    assertEquals(
      Object.keys(stages).filter((path) => !pages.some((page) => page.path === path)),
      [],
    );
    await using cache = await filledCache();
    await using server = await newServer(cache.path);
    await install(server);
    await addHosts(server, { attacker: ATTACKER, friend: FRIEND });
    await writeLogs(server);
    for (const page of pages) await t.step(page.path, () => tryOut(page, server));
  },
);

Deno.test("what is said not to be run stands in the documentation", async () => {
  const pages = await readPages();
  const lines = new Set(
    pages.flatMap(({ blocks }) => blocks.filter(isShell).flatMap(({ text }) => text.split("\n"))),
  );
  assertEquals([...notRun.keys()].filter((line) => !lines.has(line)), []);
});

const ATTACKER = "198.51.100.66";
const FRIEND = "203.0.113.7";

/** What begins with `#!` is a program for the reader to save, which other tests try. */
function isShell({ language, text }: Block): boolean {
  return language === "console" || language === "sh" && !text.startsWith("#!");
}

function isRun(block: Block): boolean {
  return isShell(block) || block.file !== undefined;
}

/** A day of what a server logs, and one attacker at the site's tokens. */
async function writeLogs(server: Server): Promise<void> {
  const day = makeWeek(Date.now(), { days: 1 });
  const folder = await Deno.makeTempDir({ prefix: "banjo-logs-" });
  try {
    await writeWeekJournal(`${folder}/day.journal`, day);
    const journal = (await Deno.readFile(`${folder}/day.journal`)).toBase64();
    await server.must(
      "folder=/var/log/journal/$(cat /etc/machine-id) && mkdir -p $folder && base64 -d >$folder/day.journal && chmod 644 $folder/day.journal",
      journal,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  await server.must("cat >/var/log/nginx/access.log", day.access.join("\n") + "\n");
}

/** Puts the server in the state in which the page finds it, and follows the page. */
async function tryOut(page: Page, server: Server): Promise<void> {
  const { before, attack, after, cleanUp } = stages[page.path] ?? {};
  await server.must(FRESH);
  if (before !== undefined) await server.must(before);
  for (const block of page.blocks.filter(isRun)) await follow(block, server);
  if (attack !== undefined) {
    await server.must("ip netns exec attacker sh -es", attack.script);
    await eventually(server, `banjo bans --json --jail ${attack.jail} | grep -F ${ATTACKER}`);
  }
  if (after !== undefined) await server.must(after);
  if (cleanUp !== undefined) await server.must(cleanUp);
}

/** banjo as install.sh leaves it on a server, with nothing banned. */
const FRESH = `systemctl stop banjo
  rm -rf /etc/banjo /etc/systemd/system/banjo.service.d /tmp/banjo
  find /var/lib/banjo -type f -delete
  nft delete table inet banjo 2>/dev/null || true
  cp -r /root/banjo/packaging/config /etc/banjo && mkdir -p /etc/banjo/filters
  systemctl daemon-reload
  systemctl start banjo`;

async function follow(block: Block, server: Server): Promise<void> {
  const place = `${block.page}:${block.line}`;
  const { file, text } = block;
  if (file !== undefined) {
    await server.must(`mkdir -p "$(dirname ${file})" && cat >${file}`, text);
  } else if (block.language === "console") {
    for (const { command, output } of sessionOf(text)) {
      expectOutput(await runShell(server, command, place), output, `${place}: ${command}`);
    }
  } else {
    await runShell(server, text, place);
  }
}

/** Runs lines as somebody types them who stops at the first that fails. */
async function runShell(server: Server, text: string, place: string): Promise<string> {
  const lines = text.split("\n").filter((line) => !notRun.has(line));
  const script = `sudo() { "$@"; }\ncd /root/banjo\n${lines.join("\n")}`;
  const { code, stdout, stderr } = await server.run(
    "cat >/run/example.sh && timeout 300 bash -e -o pipefail /run/example.sh </dev/null",
    script,
  );
  assertEquals(code, 0, `${place}: exit code ${code}\n${text}\n${stdout}${stderr}`);
  return stdout;
}
