import { assertEquals } from "@std/assert";
import { WantedBlocklists } from "../../lib/agent/wanted_blocklists.ts";

Deno.test("WantedBlocklists makes a damaged registry anew once, and carries out in turn what is asked meanwhile", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const stateDir = `${folder}/state`;
    await Deno.mkdir(stateDir);
    for (const name of ["one", "two"]) {
      await Deno.writeTextFile(`${folder}/${name}.txt`, "198.51.100.0/24\n");
    }
    await Deno.writeTextFile(
      `${stateDir}/blocklist-one.txt`,
      `# from ${folder}/one.txt\n198.51.100.0/24\n`,
    );
    await Deno.writeTextFile(`${stateDir}/blocklists.json`, "[{");
    const problems = new Map<string, string | null>();
    const lists = new WantedBlocklists({
      stateDir,
      isDryRun: () => true,
      onProblem: (source, problem) => problems.set(source, problem),
      spared: () => [],
    });
    await Promise.all([lists.begin(), lists.refresh("one"), lists.add("two", `${folder}/two.txt`)]);
    assertEquals((await lists.reports()).map(({ name, problem }) => [name, problem]), [
      ["one", null],
      ["two", null],
    ]);
    assertEquals([...problems.values()].filter((problem) => problem !== null), []);
    const aside = [...Deno.readDirSync(stateDir)].filter(({ name }) => name.includes("damaged"));
    assertEquals(aside.length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
