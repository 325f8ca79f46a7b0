import {
  type AgentReport,
  call,
  type HostReport,
  type OverviewReport,
  RpcError,
  Unreachable,
} from "../../control/mod.ts";
import { type Command, dirOf, sharedFlags, UsageError } from "../command.ts";
import { describeHost } from "../explain.ts";
import { isColoured, style } from "../render.ts";
import { draw } from "./draw.ts";
import { type Key, readKeys } from "./keys.ts";
import { Rates } from "./rates.ts";
import { Screen } from "./screen.ts";
import { press, type State, type Wish } from "./state.ts";
import type { Paint } from "./text.ts";

/** How often the agent is asked, in milliseconds. */
const REFRESH = 2_000;
/** The worst networks are counted so seldom: every so many refreshes. */
const COUNT_NETWORKS = 5;
/** An Escape by itself is one after so long; in milliseconds. What follows it within that time makes another key of it. */
const ESCAPE = 100;
/** So many bans and networks are asked for. */
const BANS = 200;
const NETWORKS = 50;

/** `banjo top` */
export const top: Command = {
  name: "top",
  operands: "",
  summary: "Watch failures and bans live, full screen",
  details:
    "Shows rates, jails, the latest bans and the networks with the most of them. Keys: up and down (or\n" +
    "k and j) choose a ban, Enter explains it, u lifts it after a question, q leaves.",
  flags: { ...sharedFlags.runtime },
  arity: [0, 0],
  async run(words) {
    if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) {
      throw new UsageError(
        "Cannot run `banjo top`: it needs a terminal; see `banjo status --json`",
      );
    }
    const runtime = dirOf(words, "runtime");
    const first = await look(runtime, true);
    const screen = new Screen();
    try {
      screen.enter();
      await new Live(runtime, screen, first).run();
    } finally {
      screen.leave();
    }
    return 0;
  },
};

/** What was seen of the agent. */
interface Look {
  readonly report: AgentReport;
  readonly overview: OverviewReport;
}

/** Whatever happens while the screen is shown. */
type Happening =
  | { readonly kind: "key"; readonly key: Key }
  | { readonly kind: "resized" | "due" | "end" }
  | { readonly kind: "seen"; readonly look: Look; readonly hasNetworks: boolean }
  | { readonly kind: "explained"; readonly report: HostReport }
  | { readonly kind: "unbanned"; readonly message: string }
  | { readonly kind: "refused" | "unreachable"; readonly message: string }
  | { readonly kind: "lost"; readonly error: unknown };

async function look(runtime: string, withNetworks: boolean): Promise<Look> {
  const [report, overview] = await Promise.all([
    call(runtime, "status", {}),
    call(runtime, "overview", { bans: BANS, networks: withNetworks ? NETWORKS : 0 }),
  ]);
  return { report, overview };
}

/** The screen while it is shown: one happening after the other. */
class Live {
  readonly #runtime: string;
  readonly #screen: Screen;
  readonly #inbox = new Inbox<Happening>();
  #state: State;
  #looks = 0;
  #isLooking = false;

  constructor(runtime: string, screen: Screen, { report, overview }: Look) {
    this.#runtime = runtime;
    this.#screen = screen;
    const now = Date.now();
    const rates = new Rates();
    rates.add(report.jails, now);
    const mode = { kind: "lists" } as const;
    this.#state = {
      ...{ report, overview, rates, now, mode },
      ...{ unreachable: undefined, chosen: undefined, message: "" },
    };
  }

  /** Runs until it is left. @throws what breaks it. */
  async run(): Promise<void> {
    const end = () => this.#inbox.put({ kind: "end" });
    const resize = () => this.#inbox.put({ kind: "resized" });
    const timer = setInterval(() => this.#inbox.put({ kind: "due" }), REFRESH);
    for (const signal of ENDS) Deno.addSignalListener(signal, end);
    Deno.addSignalListener("SIGWINCH", resize);
    this.#listen().catch((error) => this.#inbox.put({ kind: "lost", error }));
    try {
      for (;;) {
        await this.#screen.draw(draw(this.#state, this.#screen.size, PAINT));
        const happening = await this.#inbox.take();
        if (happening.kind === "end") return;
        if (happening.kind === "lost") throw happening.error;
        if (this.#take(happening) === "quit") return;
      }
    } finally {
      clearInterval(timer);
      for (const signal of ENDS) Deno.removeSignalListener(signal, end);
      Deno.removeSignalListener("SIGWINCH", resize);
    }
  }

  #take(happening: Exclude<Happening, { kind: "end" | "lost" }>): "quit" | void {
    switch (happening.kind) {
      case "due":
        return this.#look();
      case "resized":
        if (this.#state.mode.kind === "text") this.#explain(this.#state.mode);
        return this.#screen.forget();
      case "seen":
        return this.#see(happening);
      case "explained":
        return this.#explain({ report: happening.report, top: 0 });
      case "unbanned":
        this.#state = { ...this.#state, message: happening.message };
        return this.#look();
      case "refused":
        this.#state = { ...this.#state, message: happening.message };
        return;
      case "unreachable":
        this.#state = { ...this.#state, message: "", unreachable: happening.message };
        return;
      case "key": {
        const { state, wish } = press(this.#state, happening.key, this.#screen.size.rows - 1);
        this.#state = state;
        if (wish?.kind === "quit") return "quit";
        if (wish !== undefined) this.#ask(wish);
      }
    }
  }

  #look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const hasNetworks = ++this.#looks % COUNT_NETWORKS === 0;
    const seen = look(this.#runtime, hasNetworks)
      .finally(() => this.#isLooking = false)
      .then((look): Happening => ({ kind: "seen", look, hasNetworks }));
    this.#await(seen);
  }

  #see({ look: { report, overview }, hasNetworks }: Extract<Happening, { kind: "seen" }>): void {
    const now = Date.now();
    this.#state.rates.add(report.jails, now);
    const networks = hasNetworks ? overview.networks : this.#state.overview.networks;
    this.#state = {
      ...{ ...this.#state, report, overview: { ...overview, networks }, now },
      unreachable: undefined,
    };
  }

  /** Shows a report on a host, as wide as the screen is now. */
  #explain({ report, top }: { readonly report: HostReport; readonly top: number }): void {
    const { columns, rows } = this.#screen.size;
    const lines = describeHost(report, Date.now(), columns).split("\n");
    const last = Math.max(0, lines.length - rows + 1);
    const mode = { kind: "text", report, lines, top: Math.min(top, last) } as const;
    this.#state = { ...this.#state, message: "", mode };
  }

  #ask({ kind, host }: Exclude<Wish, { kind: "quit" }>): void {
    if (kind === "explain") {
      this.#state = { ...this.#state, message: `Asking about ${host} ...` };
      this.#await(
        call(this.#runtime, "explain", { host }).then((report) => ({ kind: "explained", report })),
      );
      return;
    }
    this.#await(
      call(this.#runtime, "unban", { hosts: [host] }).then((lifted) => ({
        kind: "unbanned",
        message: lifted.length === 0
          ? `${host} was not banned any more`
          : `Unbanned ${host} in ${lifted.map(({ jail }) => jail).join(", ")}`,
      })),
    );
  }

  /** What the agent refuses is told, and that it does not answer: when it is due it is asked again. */
  #await(answer: Promise<Happening>): void {
    answer.catch((error): Happening =>
      error instanceof RpcError
        ? { kind: "refused", message: error.message }
        : error instanceof Unreachable
        ? { kind: "unreachable", message: error.message }
        : { kind: "lost", error }
    ).then((happening) => this.#inbox.put(happening));
  }

  async #listen(): Promise<void> {
    let rest = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const put = (sent: string) => {
      const read = readKeys(sent);
      for (const key of read.keys) this.#inbox.put({ kind: "key", key });
      return read.rest;
    };
    const bytes = new Uint8Array(256);
    for (;;) {
      const length = await Deno.stdin.read(bytes).catch(() => null);
      clearTimeout(timer);
      if (length === null) return this.#inbox.put({ kind: "end" });
      rest = put(rest + new TextDecoder().decode(bytes.subarray(0, length)));
      if (rest === "") continue;
      timer = setTimeout(() => {
        rest = "";
        this.#inbox.put({ kind: "key", key: "escape" });
      }, ESCAPE);
    }
  }
}

/** What has happened and was not dealt with yet. */
class Inbox<T> {
  readonly #items: T[] = [];
  #wake: (() => void) | undefined;

  put(item: T): void {
    this.#items.push(item);
    this.#wake?.();
  }

  async take(): Promise<T> {
    while (this.#items.length === 0) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#items.shift()!;
  }
}

const ENDS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

const PAINT: Paint = {
  ...style,
  chosen: (text) => isColoured() ? `\x1b[7m${text}\x1b[27m` : text,
};
