import { assertEquals } from "@std/assert";
import { isClosedToOthers } from "../../lib/sources/closed_folder.ts";
import { testAsRoot } from "../root.ts";

const SYSLOG = 12345;
const OTHERS = 12346;

testAsRoot(
  "isClosedToOthers trusts the folders of root and syslog, and none that others can write in",
  {},
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const groups = `${folder}/group`;
      await Deno.writeTextFile(
        groups,
        `adm:x:4:syslog\nsyslog:x:${SYSLOG}:\nothers:x:${OTHERS}:\n`,
      );
      const verdict = async (gid: number, mode: number, uid = 0) => {
        await Deno.chown(folder, uid, gid);
        await Deno.chmod(folder, mode);
        return isClosedToOthers(folder, groups);
      };
      assertEquals(await verdict(0, 0o755), true);
      assertEquals(await verdict(SYSLOG, 0o775), true);
      assertEquals(await verdict(OTHERS, 0o755), true);
      assertEquals(await verdict(OTHERS, 0o775), false);
      assertEquals(await verdict(OTHERS, 0o1775), false);
      assertEquals(await verdict(SYSLOG, 0o777), false);
      assertEquals(await verdict(0, 0o755, OTHERS), false);

      // What lies in a folder is as safe as that.
      await Deno.mkdir(`${folder}/nginx`);
      assertEquals(
        await verdict(SYSLOG, 0o775) && isClosedToOthers(`${folder}/nginx`, groups),
        true,
      );
      await verdict(OTHERS, 0o775);
      assertEquals(isClosedToOthers(`${folder}/nginx`, groups), false);
    } finally {
      await Deno.chown(folder, 0, 0);
      await Deno.remove(folder, { recursive: true });
    }
  },
);
