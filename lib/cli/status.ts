import {
  type AgentReport,
  bansBySince,
  call,
  type JailDetail,
  type JailReport,
  type SettingsReport,
  sourcesInWords,
} from "../control/mod.ts";
import { pad, widthOf } from "./columns.ts";
import { type Command, dirOf, sharedFlags, type Words } from "./command.ts";
import { print } from "./pager.ts";
import {
  always,
  count,
  grouped,
  outputWidth,
  spanInWords,
  style,
  table,
  withLocalTimes,
} from "./render.ts";
import { printable, printableJson } from "../printable.ts";

/** `banjo status [JAIL]` */
export const status: Command = {
  name: "status",
  operands: "[JAIL]",
  offers: "jails",
  summary: "Show what the agent watches and whom it has banned",
  details:
    "The first line is its health, for monitoring: the exit code is 1 unless that is `healthy`. With\n" +
    "JAIL: what it reads, by what it bans after all files and defaults, and whom it has banned.",
  flags: { ...sharedFlags.runtime, ...sharedFlags.json },
  arity: [0, 1],
  run: (words) =>
    words.operands[0] === undefined ? showAgent(words) : showJail(words, words.operands[0]),
};

async function showAgent(words: Words): Promise<number> {
  const report = await call(dirOf(words, "runtime"), "status", {});
  const code = report.health === "healthy" ? 0 : 1;
  if (words.has("json")) console.log(printableJson(report));
  else await print(describeAgent(report));
  return code;
}

function describeAgent(report: AgentReport): string {
  const { health, version, jails, pending, problems, spared } = report;
  return [
    health === "healthy" ? style.good(health) : style.bad(printable(health)),
    `banjo ${version}, ${count(jails.length, "jail")}`,
    "",
    table(
      [
        { head: "JAIL", shrinks: always },
        { head: "FAILED NOW", align: "right" },
        { head: "TOTAL", align: "right" },
        { head: "BANNED NOW", align: "right" },
        { head: "TOTAL", align: "right" },
        { head: "SOURCES", shrinks: always },
      ],
      jails.map((each) => [
        each.jail,
        grouped(each.failed.now),
        grouped(each.failed.total),
        grouped(each.banned.now),
        grouped(each.banned.total),
        summarise(each),
      ]),
      outputWidth(),
    ),
    ...pending > 0 ? [style.warn(`\n${count(pending, "change")} not yet in the firewall`)] : [],
    ...problems.map((problem) => style.bad(`! ${printable(problem)}`)),
    ...spared.map(({ jail, host, times, reason }) =>
      style.warn(
        `${jail} spared ${host} (${count(times, "time")}), for it ${withLocalTimes(reason)}`,
      )
    ),
    ...jails.filter(({ held }) => held > 0).map(({ jail, held }) =>
      style.warn(`The fuse of ${jail} has held ${count(held, "ban")} so far`)
    ),
  ].join("\n");
}

async function showJail(words: Words, jail: string): Promise<number> {
  const report = await jailInFull(dirOf(words, "runtime"), jail);
  if (words.has("json")) console.log(printableJson(report));
  else await print(describeJail(report));
  return 0;
}

/** The agent gives no more than a page of bans in one answer. */
async function jailInFull(runtime: string, jail: string): Promise<JailDetail> {
  const report = await call(runtime, "jail", { jail });
  const bans = (await Array.fromAsync(bansBySince(runtime, { jail, since: -Infinity }))).flat();
  return { ...report, banned: { ...report.banned, hosts: bans.map(({ host }) => host) } };
}

function describeJail(report: JailDetail): string {
  const { jail, failed, banned, sources, settings } = report;
  const { ignoreip } = settings;
  return [
    style.bold(jail),
    `  Failed   ${grouped(failed.now)} now, ${grouped(failed.total)} in total`,
    `  Banned   ${grouped(banned.now)} now, ${grouped(banned.total)} in total`,
    // The jail for bans by hand reads and counts nothing.
    ...sources.length === 0 ? [] : [
      `  Sources  ${printable(sourcesInWords(report).join(", "))}`,
      `  Rule     ${ruleOf(settings)}`,
    ],
    `  Closes   ${whatIsClosed(settings)}`,
    ...ignoreip.length === 0 ? [] : [`  Ignores  ${printable(ignoreip.join(", "))}`],
    ...inColumns(banned.hosts.map(printable), outputWidth() - INDENT.length).map((line, index) =>
      (index === 0 ? "  Hosts".padEnd(INDENT.length) : INDENT) + line
    ),
  ].join("\n");
}

function ruleOf({ maxretry, findtime, bantime, grows }: SettingsReport): string {
  const length = bantime === null ? "for ever" : `of ${spanInWords(bantime * 1000, 2)}`;
  return `${count(maxretry, "failure")} within ${spanInWords(findtime * 1000, 2)} ` +
    `${maxretry === 1 ? "leads" : "lead"} to a ban ${length}` +
    (grows && bantime !== null ? ", longer each time" : "");
}

function whatIsClosed({ ports, protocol, firewall }: SettingsReport): string {
  if (firewall === "dry-run") return "nothing: this is a dry run";
  const kind = protocol === "all" ? "" : `${protocol} `;
  const closed = ports.length === 0
    ? `all ${kind}ports`
    : `${kind}port${ports.length === 1 ? "" : "s"} ${ports.join(", ")}`;
  return `${closed}, by ${firewall}`;
}

const INDENT = " ".repeat(11);

/** As many texts in a line as there is room for; where nobody looks at it, one. */
function inColumns(texts: readonly string[], width: number): readonly string[] {
  const column = texts.reduce((widest, text) => Math.max(widest, widthOf(text)), 0) + 2;
  const perLine = width === Infinity ? 1 : Math.max(1, Math.floor((width + 2) / column));
  const lines: string[] = [];
  for (let from = 0; from < texts.length; from += perLine) {
    const line = texts.slice(from, from + perLine).map((text) => pad(text, column)).join("");
    lines.push(line.trimEnd());
  }
  return lines;
}

/** The journal's matches are many and long; `banjo status JAIL` shows them. */
function summarise(report: JailReport): string {
  const words = sourcesInWords(report).map((source) => source.replace(/^journal: .*/s, "journal"));
  return [...new Set(words)].join(", ");
}
