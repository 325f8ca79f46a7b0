/** Long output on a terminal goes through `less`. */

import { LESS } from "./less.ts";

/** Prints a text; where it is longer than the terminal is high, in a pager. `PAGER=cat`, or any but less, turns that off. */
export async function print(text: string): Promise<void> {
  if (!isLong(text) || !await page(text)) console.log(text);
}

function isLong(text: string): boolean {
  if (!Deno.stdout.isTerminal() || !Deno.stdin.isTerminal()) return false;
  const wish = Deno.env.get("PAGER");
  if (wish !== undefined && !/^(?:\/usr\/bin\/)?less\b/.test(wish)) return false;
  return text.split("\n").length >= Deno.consoleSize().rows;
}

/** Whether there is a pager. Resolves when the reader has left it. */
async function page(text: string): Promise<boolean> {
  // Its reader ends a search with Ctrl-C, not us.
  const ignore = () => {};
  Deno.addSignalListener("SIGINT", ignore);
  try {
    const less = new Deno.Command(LESS, {
      // Colours as they are, and none of less's ways to start or write something: banjo may run as root.
      env: { LESS: "FRX", LESSSECURE: "1" },
      stdin: "piped",
    }).spawn();
    const writer = less.stdin.getWriter();
    // Whoever has seen enough leaves early.
    await writer.write(new TextEncoder().encode(text + "\n")).then(() => writer.close()).catch(
      ignore,
    );
    await less.status;
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  } finally {
    Deno.removeSignalListener("SIGINT", ignore);
  }
}
