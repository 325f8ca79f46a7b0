/** A dashboard as a process of its own beside an agent. */
import type { TestAgent } from "../agent.ts";
import { banjoCommand } from "../banjo.ts";

/** A dashboard; `await using` ends it. */
export interface Running extends AsyncDisposable {
  /** Its address, without a slash at the end. */
  readonly url: string;
  readonly pid: number;
}

/** Starts `banjo dashboard` on a free port. */
export async function startDashboard(agent: TestAgent): Promise<Running> {
  const port = freePort();
  const dirs = ["--config", agent.config, "--runtime", agent.runtime];
  const listen = ["--listen", `127.0.0.1:${port}`];
  const [program, ...args] = await banjoCommand("dashboard", ...dirs, ...listen);
  const process = new Deno.Command(program!, { args, stdin: "null", stderr: "piped" }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) said += text;
  })();
  const url = `http://127.0.0.1:${port}`;
  let hasEnded = false;
  process.status.then(() => hasEnded = true);
  await agent.waitFor("the dashboard", () => {
    if (hasEnded) throw new Error(`The dashboard did not start:\n${said}`);
    return said.includes(url);
  });
  return {
    url,
    pid: process.pid,
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await process.status;
      await reading;
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
