import { printable } from "../printable.ts";

/** Something in the configuration that is wrong, and where. */
export interface Problem {
  /** error: the jail or filter it is about is left out. warning: it works, but should be changed. */
  readonly severity: "error" | "warning";
  readonly file: string;
  /** Counted from 1, as is `column`. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** The jail that the problem is about, where it is about one. */
  readonly jail?: string;
}

/** Takes note of a problem. */
export type Report = (problem: Problem) => void;

/** There is no configuration to speak of: its folder is missing or cannot be read. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** A problem as one line that is safe to print: `FILE:LINE:COLUMN: MESSAGE`. */
export function formatProblem({ severity, file, line, column, message }: Problem): string {
  const kind = severity === "warning" ? "warning: " : "";
  return printable(`${file}:${line}:${column}: ${kind}${message}`);
}
