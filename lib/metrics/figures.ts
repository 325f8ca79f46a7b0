import { type AgentReport, type StoppedReport, Unreachable } from "../control/mod.ts";
import { type Metric, printMetrics } from "./text.ts";

/** What is asked of the agent. */
export interface Agent {
  status(): Promise<AgentReport>;
  stopped(): Promise<readonly StoppedReport[]>;
}

/** The figures of an agent in Prometheus' format. Where none answers, they say so, and `complaint` says why. */
export async function readMetrics(
  agent: Agent,
): Promise<{ readonly text: string; readonly complaint?: string }> {
  try {
    return { text: printMetrics([up(1), ...await readFigures(agent)]) };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return { text: printMetrics([up(0)]), complaint: error.message };
  }
}

function up(value: 0 | 1): Metric {
  const help = "Whether the agent answers.";
  return { name: "banjo_up", type: "gauge", help, values: [{ labels: {}, value }] };
}

async function readFigures(agent: Agent): Promise<readonly Metric[]> {
  const [{ health, version, jails, pending, problems, spared }, stopped] = await Promise.all([
    agent.status(),
    // A firewall that fails now is told by the health.
    agent.stopped().catch(() => []),
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
