/** The launcher's permissions, from inside: a program in banjo's place that tries to do what banjo never does. */
import { assertEquals, assertMatch } from "@std/assert";
import { placeDeno } from "../banjo.ts";
import { run } from "../network.ts";
import { testAsRoot } from "../root.ts";

const launcher = new URL("../../packaging/launcher.sh", import.meta.url);
const v8Flags = new URL("../../packaging/v8-flags", import.meta.url);

/** What is tried, and whether it is allowed. The runtime and the state folder are the arguments. */
const ATTEMPTS: Readonly<Record<string, { readonly code: string; readonly isAllowed: boolean }>> = {
  "write state": {
    code: "await Deno.writeTextFile(`${state}/x`, '')",
    isAllowed: true,
  },
  "read a log": { code: "await Deno.readTextFile('/etc/hostname')", isAllowed: true },
  "read a variable that is named": { code: "Deno.env.get('NO_COLOR')", isAllowed: true },
  "start nft": {
    code: "new Deno.Command('/usr/sbin/nft', { args: ['--version'], clearEnv: true }).outputSync()",
    isAllowed: true,
  },
  "listen on its socket": {
    code: "Deno.listen({ transport: 'unix', path: `${runtime}/control.sock` }).close()",
    isAllowed: true,
  },
  "listen on its socket for readers": {
    code: "Deno.listen({ transport: 'unix', path: `${runtime}/read.sock` }).close()",
    isAllowed: true,
  },
  "listen on its socket for applications": {
    code: "Deno.listen({ transport: 'unix', path: `${runtime}/report.sock` }).close()",
    isAllowed: true,
  },
  "write to /tmp": { code: "await Deno.writeTextFile('/tmp/banjo-x', '')", isAllowed: false },
  "write configuration": {
    code: "await Deno.writeTextFile('/etc/banjo/banjo.toml', '')",
    isAllowed: false,
  },
  "write beside the state": {
    code: "await Deno.writeTextFile(`${state}-x`, '')",
    isAllowed: false,
  },
  "write through the state's folder": {
    code: "await Deno.writeTextFile(`${state}/../x`, '')",
    isAllowed: false,
  },
  "remove a log": { code: "await Deno.remove('/var/log/auth.log')", isAllowed: false },
  "link a file into the state": {
    code: "await Deno.symlink('/etc/shadow', `${state}/shadow`)",
    isAllowed: false,
  },
  "connect by TCP": {
    code: "await Deno.connect({ hostname: '127.0.0.1', port: 9 })",
    isAllowed: false,
  },
  "listen by TCP": { code: "Deno.listen({ port: 0 })", isAllowed: false },
  "resolve a name": { code: "await Deno.resolveDns('example.org', 'A')", isAllowed: false },
  "fetch": { code: "await fetch('http://127.0.0.1/')", isAllowed: false },
  "connect to another socket": {
    code: "await Deno.connect({ transport: 'unix', path: '/run/dbus/system_bus_socket' })",
    isAllowed: false,
  },
  "read another variable": { code: "Deno.env.get('PATH')", isAllowed: false },
  "read all variables": { code: "Deno.env.toObject()", isAllowed: false },
  "run a shell": { code: "new Deno.Command('/bin/sh').outputSync()", isAllowed: false },
  "run a namesake": {
    code: "new Deno.Command(`${state}/nft`).outputSync()",
    isAllowed: false,
  },
  "run with a library of its own": {
    code:
      "new Deno.Command('/usr/sbin/nft', { env: { LD_PRELOAD: `${state}/x.so` } }).outputSync()",
    isAllowed: false,
  },
  "load a library": { code: "Deno.dlopen('libc.so.6', {})", isAllowed: false },
  "import from the network": {
    code: "await import('https://deno.land/x.js')",
    isAllowed: false,
  },
  "ask for more rights": {
    code:
      "if ((await Deno.permissions.request({ name: 'run' })).state !== 'granted') throw new Deno.errors.NotCapable('denied')",
    isAllowed: false,
  },
  "read the machine's load": { code: "Deno.loadavg()", isAllowed: false },
};

testAsRoot(
  "the launcher grants what banjo needs and nothing else",
  { programs: ["nft"] },
  (t) => tryOut(t, "run", ATTEMPTS),
);

testAsRoot(
  "the launcher grants the relay what it needs and nothing else",
  {},
  (t) => tryOut(t, "relay", RELAY_ATTEMPTS),
);

testAsRoot(
  "the launcher grants the dashboard what it needs and nothing else",
  {},
  (t) => tryOut(t, "dashboard", DASHBOARD_ATTEMPTS),
);

/** Runs the attempts in banjo's place, as this command. */
async function tryOut(
  t: Deno.TestContext,
  command: string,
  attempts: typeof ATTEMPTS,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "banjo-sandbox-" });
  await using _ = {
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
  const dirs = ["state", "runtime", "config"].map((name) => `${folder}/${name}`);
  for (const dir of dirs) await Deno.mkdir(dir);
  await placeDeno(folder);
  await Deno.copyFile(v8Flags, `${folder}/v8-flags`);
  const text = await Deno.readTextFile(launcher);
  const own = text.replace("lib=/usr/local/lib/banjo", `lib=${folder}`);
  await Deno.writeTextFile(`${folder}/banjo`, own);
  await Deno.mkdir(`${folder}/program`);
  await Deno.writeTextFile(`${folder}/program/main.js`, program(attempts));

  const [state, runtime, config] = dirs as [string, string, string];
  const words = [command, "--state", state, "--runtime", runtime, "--config", config];
  const { code, stdout, stderr } = await run(["sh", `${folder}/banjo`, ...words]);
  assertEquals(code, 0, stderr);
  const outcomes = JSON.parse(stdout);
  for (const [name, { isAllowed }] of Object.entries(attempts)) {
    await t.step(`${isAllowed ? "may" : "may not"} ${name}`, () => {
      if (isAllowed) assertEquals(outcomes[name], "done");
      else assertMatch(outcomes[name], /^(NotCapable|PermissionDenied|TypeError: .*--no-remote)/);
    });
  }
}

/** As above, of `banjo relay`. */
const RELAY_ATTEMPTS: typeof ATTEMPTS = {
  "write its folder": {
    code: "await Deno.writeTextFile(`${state}/x`, '')",
    isAllowed: true,
  },
  "read the configuration": { code: "[...Deno.readDirSync(config)]", isAllowed: true },
  "speak to a host of the configuration": {
    code: "await Deno.connect({ hostname: '127.0.0.1', port: 9 }).catch(refused)",
    isAllowed: true,
  },
  "speak to another port there": {
    code: "await Deno.connect({ hostname: '127.0.0.1', port: 10 }).catch(refused)",
    isAllowed: false,
  },
  "speak to another host": {
    code: "await fetch('http://127.0.0.2:8009/').catch(refused)",
    isAllowed: false,
  },
  "command the agent": {
    code:
      "await Deno.connect({ transport: 'unix', path: `${runtime}/control.sock` }).catch(refused)",
    isAllowed: false,
  },
  "report failures": {
    code:
      "await Deno.connect({ transport: 'unix', path: `${runtime}/report.sock` }).catch(refused)",
    isAllowed: false,
  },
  "read what the agent tells": {
    code: "await Deno.connect({ transport: 'unix', path: `${runtime}/read.sock` }).catch(refused)",
    isAllowed: true,
  },
  "start sendmail": {
    code:
      "try { new Deno.Command('/usr/sbin/sendmail', { clearEnv: true }).outputSync() } catch (error) { refused(error) }",
    isAllowed: true,
  },
  "start nft": {
    code: "new Deno.Command('/usr/sbin/nft', { clearEnv: true }).outputSync()",
    isAllowed: false,
  },
  "read a log": { code: "await Deno.readTextFile('/var/log/dpkg.log')", isAllowed: false },
  "read the agent's state": {
    code: "await Deno.readTextFile('/var/lib/banjo/state.json')",
    isAllowed: false,
  },
  "write configuration": {
    code: "await Deno.writeTextFile(`${config}/banjo.toml`, '')",
    isAllowed: false,
  },
  "write elsewhere": { code: "await Deno.writeTextFile('/tmp/banjo-x', '')", isAllowed: false },
  "listen": { code: "Deno.listen({ port: 0 })", isAllowed: false },
  "run a shell": { code: "new Deno.Command('/bin/sh').outputSync()", isAllowed: false },
};

/** As above, of `banjo dashboard`, which listens on 127.0.0.1:8070. */
const DASHBOARD_ATTEMPTS: typeof ATTEMPTS = {
  "listen where it is told": {
    code: "Deno.listen({ hostname: '127.0.0.1', port: 8070 }).close()",
    isAllowed: true,
  },
  "read what the agent tells": {
    code: "await Deno.connect({ transport: 'unix', path: `${runtime}/read.sock` }).catch(refused)",
    isAllowed: true,
  },
  "read the configuration": { code: "[...Deno.readDirSync(config)]", isAllowed: true },
  // Without them it knows no jail that names a port.
  "read the names of ports": { code: "Deno.readTextFileSync('/etc/services')", isAllowed: true },
  "listen on another port": {
    code: "Deno.listen({ hostname: '127.0.0.1', port: 8071 })",
    isAllowed: false,
  },
  "listen on another address": {
    code: "Deno.listen({ hostname: '0.0.0.0', port: 8070 })",
    isAllowed: false,
  },
  "command the agent": {
    code:
      "await Deno.connect({ transport: 'unix', path: `${runtime}/control.sock` }).catch(refused)",
    isAllowed: false,
  },
  "report failures": {
    code:
      "await Deno.connect({ transport: 'unix', path: `${runtime}/report.sock` }).catch(refused)",
    isAllowed: false,
  },
  "speak to another machine": {
    code: "await Deno.connect({ hostname: '192.0.2.1', port: 8070 })",
    isAllowed: false,
  },
  "read a log": { code: "await Deno.readTextFile('/var/log/dpkg.log')", isAllowed: false },
  "write state": { code: "await Deno.writeTextFile(`${state}/x`, '')", isAllowed: false },
  "start nft": {
    code: "new Deno.Command('/usr/sbin/nft', { clearEnv: true }).outputSync()",
    isAllowed: false,
  },
};

/** Tries everything, one after the other, and prints what came of it. */
function program(all: typeof ATTEMPTS): string {
  const attempts = Object.entries(all).map(([name, { code }]) =>
    `await attempt(${JSON.stringify(name)}, async () => { ${code}; });`
  );
  return `
const [, , state, , runtime, , config] = Deno.args;
// The host that the relay is to be granted.
if (Deno.args.includes("--hosts")) {
  console.log("127.0.0.1:9");
  Deno.exit(0);
}
/** It was allowed to try, and nobody listens there, or it is not there. */
function refused(error) {
  if (error instanceof Deno.errors.NotCapable) throw error;
}
const outcomes = {};
async function attempt(name, action) {
  try {
    await action();
    outcomes[name] = "done";
  } catch (error) {
    outcomes[name] = \`\${error.name}: \${error.message}\`;
  }
}
${attempts.join("\n")}
console.log(JSON.stringify(outcomes));
`;
}
