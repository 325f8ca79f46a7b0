/** Tests that need root, network namespaces or installed programs. */

/** What a test asks of the machine. */
export interface Needs {
  /** Programs that must be on the path of root. */
  readonly programs?: readonly string[];
}

/**
 * A test that needs root and programs. Where they are missing it says so and is skipped; with CI=true it fails
 * instead, since nobody reads what was skipped there.
 */
export function testAsRoot(
  name: string,
  needs: Needs,
  test: (t: Deno.TestContext) => Promise<void>,
): void {
  const lack = lacking(["ip", ...needs.programs ?? []]);
  if (lack === undefined) {
    Deno.test(name, test);
  } else if (Deno.env.get("CI") === "true") {
    Deno.test(name, () => {
      throw new Error(`Cannot run this test: ${lack}`);
    });
  } else {
    console.log(`SKIPPED ${name}: ${lack}`);
    Deno.test({ name, ignore: true, fn: test });
  }
}

function lacking(programs: readonly string[]): string | undefined {
  if (Deno.uid() !== 0) return "it needs root";
  const missing = programs.filter((program) =>
    !FOLDERS.some((folder) => exists(`${folder}/${program}`))
  );
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`;
}

const FOLDERS = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
