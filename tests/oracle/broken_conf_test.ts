import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ConfError, importConf } from "../../lib/fail2ban/mod.ts";
import { STOCK } from "./fail2ban.ts";

Deno.test("a stock file cut short or damaged is imported or refused with its place", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await new Deno.Command("cp", { args: ["-r", `${STOCK}/.`, folder] }).output();
    await Deno.writeTextFile(
      `${folder}/jail.local`,
      "[sshd]\nenabled = true\n[postfix]\nenabled = true\n",
    );
    const names = [
      "jail.conf",
      "filter.d/sshd.conf",
      "filter.d/common.conf",
      "filter.d/postfix.conf",
    ];
    const whole = new Map(names.map((name) => [name, Deno.readFileSync(`${folder}/${name}`)]));
    const damage = fc.tuple(
      fc.constantFrom(...names),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(
        "",
        "\xff",
        "%(",
        "[",
        "\n[Definition]\n",
        "<failregex>",
        "(?(",
        "\n= x\n",
        "%(failregex)s",
      ),
      fc.boolean(),
    );
    fc.assert(
      fc.property(damage, ([name, where, text, isCut]) => {
        const bytes = whole.get(name)!;
        const at = Math.floor(where * bytes.length);
        const inserted = Uint8Array.from(text, (character) => character.charCodeAt(0));
        const rest = isCut ? new Uint8Array() : bytes.subarray(at);
        Deno.writeFileSync(
          `${folder}/${name}`,
          new Uint8Array([...bytes.subarray(0, at), ...inserted, ...rest]),
        );
        try {
          const { refused } = importConf(folder, { hasFile: () => true });
          for (const { place } of refused) assertEquals(place.file.startsWith(folder), true);
        } catch (error) {
          if (!(error instanceof ConfError)) throw error;
          assertEquals(error.place.file.startsWith(folder), true);
        } finally {
          Deno.writeFileSync(`${folder}/${name}`, bytes);
        }
      }),
      { numRuns: 60 },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
