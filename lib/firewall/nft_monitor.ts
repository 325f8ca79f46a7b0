/** What `nft monitor` says of changes that are not ours. */
import { ownMark, table } from "./ruleset.ts";

/** `change`: somebody else changed our table. `doubt`: events were lost, so somebody may have. */
export type Sighting = "nothing" | "change" | "doubt";

/**
 * Tells others' transactions from ours. nft monitor prints each event of a transaction on a line, and ends the
 * transaction with `# new generation N by process ...`. Ours are known by {@linkcode ownMark}, not by the process: in a
 * container the kernel numbers it otherwise than we do.
 */
export class ForeignChanges {
  #touchesTable = false;
  #isOurs = false;

  /** Reads the next lines. */
  read(lines: readonly string[]): Sighting {
    let seen: Sighting = "nothing";
    for (const line of lines) {
      if (line.startsWith("# new generation")) {
        if (this.#touchesTable && !this.#isOurs) seen = "change";
        this.#touchesTable = false;
        this.#isOurs = false;
      } else if (line.startsWith("#")) {
        // "# ERROR: We lost some netlink events!", as after a change of a hundred thousand elements. It may be ours.
        if (seen === "nothing") seen = "doubt";
      } else if (TABLE.test(line)) {
        this.#touchesTable = true;
        this.#isOurs ||= line.includes(OURS);
      }
    }
    return seen;
  }
}

const TABLE = new RegExp(`^\\w+ \\w+ inet ${table}(?: |$)`);
const OURS = ` inet ${table} ${ownMark} `;
