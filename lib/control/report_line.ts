import { printable } from "../printable.ts";

/** A failure that an application has reported. Both are hostile text. */
interface Told {
  readonly user?: string | undefined;
  readonly reason?: string | undefined;
}

/** A report as the line that is kept of it. One line, whatever is in it: several would look like lines of a log. */
export function lineOfReport({ user, reason = "a failure" }: Told): string {
  return printable(`reported: ${reason}${user === undefined ? "" : ` (user ${user})`}`);
}

/** The user that such a line ends with, as it is printed there; undefined where it names none, or is another line. */
export function userOfReport(line: string): string | undefined {
  return /^reported: .* \(user (.*)\)$/.exec(line)?.[1];
}
