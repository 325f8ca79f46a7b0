/** What `banjo new-jail` shows. Nothing here prints. */
import type { Draft, Proposal, Trial } from "../draft/mod.ts";
import { printable } from "../printable.ts";
import { cut } from "./columns.ts";
import { count, grouped, outputWidth, style } from "./render.ts";

/** The shapes with their patterns, for people. */
export function describeDraft({ lines, proposals }: Draft, title: string): string {
  if (proposals.length === 0) {
    return printable(`${count(lines, "line")} of ${title}, and none names an address.`);
  }
  const named = proposals.reduce((sum, { shape }) => sum + shape.lines.length, 0);
  return [
    printable(
      `${count(lines, "line")} of ${title}; ${count(named, "line")} with addresses, of ${
        count(proposals.length, "shape")
      }:`,
    ),
    ...proposals.map(describeProposal),
    "",
  ].join("\n\n").trimEnd() + "\n";
}

function describeProposal(
  { shape, pattern, verdict, addresses, refused, repeats }: Proposal,
  index: number,
): string {
  const paint = { failure: style.bad, success: style.good, unclear: style.warn }[verdict];
  const example = printable(shape.lines[0]!.line);
  const width = outputWidth() - INDENT.length;
  return [
    `${String(index + 1).padStart(2)}  ${paint(verdict)}, ${
      count(shape.lines.length, "line")
    } about ${count(addresses, "address")}`,
    INDENT + style.bold(printable(pattern)),
    INDENT + style.dim(cut(example, width)),
    ...(shape.lines.length === 1 ? [INDENT + style.dim(ONE_LINE)] : []),
    ...(repeats === undefined ? [] : [INDENT + style.warn(sameAs(repeats + 1))]),
    ...(refused === undefined ? [] : [INDENT + style.warn(`refused: ${printable(refused)}`)]),
  ].join("\n");
}

function sameAs(number: number): string {
  return `It seems to tell of the same attempts as ${number}: take one of them, or each counts twice.`;
}

const ONE_LINE = "One line does not show what differs: look what the pattern takes literally.";

/** What the chosen patterns match and miss, and the files. */
export function describeTrial(
  { matched, hosts, alsoMatched }: Trial,
  { proposals }: Draft,
  files: Readonly<Record<string, string>>,
): string {
  const all = proposals.reduce((sum, { shape }) => sum + shape.lines.length, 0);
  const also = Array.from(
    alsoMatched,
    ([proposal, lines]) =>
      style.warn(
        `${count(lines, "line")} of shape ${
          proposals.indexOf(proposal) + 1
        } (${proposal.verdict}) ${lines === 1 ? "is" : "are"} matched as well.`,
      ),
  );
  return [
    `Matched: ${count(matched, "line")} about ${count(hosts.size, "address")}; missed: ${
      grouped(all - matched)
    } with an address.`,
    ...also,
    "",
    ...Object.entries(files).flatMap(([name, text]) => [style.bold(name), text]),
  ].join("\n");
}

/** For scripts. */
export function toJson(
  { lines, proposals }: Draft,
  chosen: readonly Proposal[],
  files: Readonly<Record<string, string>>,
  isWritten: boolean,
) {
  return {
    lines,
    shapes: proposals.map((proposal) => ({
      verdict: proposal.verdict,
      lines: proposal.shape.lines.length,
      addresses: proposal.addresses,
      pattern: proposal.pattern,
      refused: proposal.refused ?? null,
      repeats: proposal.repeats === undefined ? null : proposal.repeats + 1,
      example: proposal.shape.lines[0]!.line,
      chosen: chosen.includes(proposal),
    })),
    files,
    written: isWritten,
  };
}

const INDENT = "    ";
