import { call, Unreachable } from "../control/mod.ts";
import { type Command, dirOf, sharedFlags, type Words } from "./command.ts";
import { type Metric, printMetrics } from "./metrics_text.ts";
import { replaceFile } from "./replace_file.ts";

/** `banjo metrics` */
export const metrics: Command = {
  name: "metrics",
  operands: "",
  summary: "Print figures for Prometheus",
  details:
    "In the text format that Prometheus reads. Where no agent answers, `banjo_up 0` is all there\n" +
    "is, and the exit code is 1.",
  flags: {
    textfile: {
      value: "PATH",
      offers: "files",
      about: "replace this file in one step, for node_exporter's textfile collector",
    },
    ...sharedFlags.runtime,
  },
  arity: [0, 0],
  async run(words) {
    let figures: readonly Metric[] = [up(0)];
    let complaint: string | undefined;
    try {
      figures = [up(1), ...await readFigures(words)];
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      complaint = error.message;
    }
    const text = printMetrics(figures);
    const path = words.value("textfile");
    if (path === undefined) await Deno.stdout.write(new TextEncoder().encode(text));
    else await replaceFile(path, text, 0o644);
    if (complaint !== undefined) throw new Unreachable(complaint);
    return 0;
  },
};

function up(value: 0 | 1): Metric {
  const help = "Whether the agent answers.";
  return { name: "banjo_up", type: "gauge", help, values: [{ labels: {}, value }] };
}

async function readFigures(words: Words): Promise<readonly Metric[]> {
  const runtime = dirOf(words, "runtime");
  const [{ health, version, jails, pending, problems, spared }, stopped] = await Promise.all([
    call(runtime, "status", {}),
    // A firewall that fails now is told by the health.
    call(runtime, "stopped", {}).catch(() => []),
  ]);
  const single = (value: number, labels = {}) => [{ labels, value }];
  const byJail = <T extends { readonly jail: string }>(
    list: readonly T[],
    valueOf: (each: T) => number,
  ) => list.map((each) => ({ labels: { jail: each.jail }, value: valueOf(each) }));
  return [
    {
      name: "banjo_build_info",
      type: "gauge",
      help: "The version of the agent; always 1.",
      values: single(1, { version }),
    },
    {
      name: "banjo_healthy",
      type: "gauge",
      help: "Whether banjo status says healthy.",
      values: single(health === "healthy" ? 1 : 0),
    },
    {
      name: "banjo_problems",
      type: "gauge",
      help: "How many things need the administrator's attention now.",
      values: single(problems.length),
    },
    {
      name: "banjo_firewall_pending_changes",
      type: "gauge",
      help: "Changes that the firewalls have not taken yet.",
      values: single(pending),
    },
    {
      name: "banjo_spared_hosts",
      type: "gauge",
      help: "Hosts that were not banned in the last 12 hours because they had logged in.",
      values: single(spared.length),
    },
    {
      name: "banjo_jail_failing_hosts",
      type: "gauge",
      help: "Hosts that have failed within findtime.",
      values: byJail(jails, ({ failed }) => failed.now),
    },
    {
      name: "banjo_jail_failures_total",
      type: "counter",
      help: "Failures that counted.",
      values: byJail(jails, ({ failed }) => failed.total),
    },
    {
      name: "banjo_jail_banned_hosts",
      type: "gauge",
      help: "Bans in force.",
      values: byJail(jails, ({ banned }) => banned.now),
    },
    {
      name: "banjo_jail_bans_total",
      type: "counter",
      help: "Bans that were made.",
      values: byJail(jails, ({ banned }) => banned.total),
    },
    {
      name: "banjo_jail_bans_held_total",
      type: "counter",
      help: "Bans that the fuse has held.",
      values: byJail(jails, ({ held }) => held),
    },
    {
      name: "banjo_jail_dropped_packets_total",
      type: "counter",
      help: "Packets that nftables has dropped for bans of the jail, since its rules were made.",
      values: byJail(stopped, ({ packets }) => packets),
    },
    {
      name: "banjo_jail_dropped_bytes_total",
      type: "counter",
      help: "Bytes of these packets.",
      values: byJail(stopped, ({ bytes }) => bytes),
    },
  ];
}
