/** A date format that is found without being asked for. */
export interface DefaultFormat {
  /** What people see of it: an example. */
  readonly name: string;
  readonly pattern: string;
  /** Whether it counts only at the start of a line, behind at most two characters that belong to no word. */
  readonly anchored?: boolean;
  /** How it is searched where it stands alone, if that says more than the pattern. */
  readonly alone?: string;
}

const SYSLOG = String.raw`(?:%a )?%b %d %k:%M:%S(?:\.%f)?(?: %ExY)?`;

/** The usual formats, in the order in which they are tried where several fit at the same place. */
// deno-fmt-ignore
export const defaultFormats: readonly DefaultFormat[] = [
  { name: "2026-11-20 10:00:00", pattern: String.raw`%ExY(?:-%m-|/%m/|\.%m\.)%d(?:T| {0,2})%H:%M:%S(?:[.,]%f)?(?:\s*%z)?` },
  { name: "Nov 20 10:00:00", pattern: SYSLOG },
  { name: "Nov 20 2026 10:00:00", pattern: String.raw`(?:%a )?%b %d %ExY %k:%M:%S(?:\.%f)?` },
  { name: "20/11/2026 10:00:00", pattern: String.raw`%d(?:-%m-|/%m/)(?:%ExY|%y) %k:%M:%S` },
  { name: "20/Nov/2026:10:00:00", pattern: String.raw`%d(?:-%b-|/%b/)%ExY[ :]?%H:%M:%S(?:\.%f)?(?: %z)?` },
  { name: "11/20/2026:10:00:00", pattern: "%m/%d/%ExY:%H:%M:%S" },
  { name: "11/20/2026 10:00:00", pattern: String.raw`%m(?:-%d-|/%d/)%ExY %k:%M:%S(?:\.%f)?` },
  { name: "Epoch", pattern: "{EPOCH}", alone: String.raw`(?<=^\W{0,2}|\baudit\(){EPOCH}` },
  { name: "10:00:00", pattern: "%H:%M:%S", anchored: true },
  { name: "<11/20/26@10:00:00>", pattern: String.raw`<%m/%d/%y@%H:%M:%S>(?!\w)`, anchored: true },
  { name: "261120 10:00:00", pattern: "%Exy%Exm%Exd  ?%H:%M:%S" },
  { name: "Nov 20, 2026 10:00:00 AM", pattern: "%b %d, %ExY %I:%M:%S %p" },
  { name: "Nov-20-26 10:00:00", pattern: "%b-%d-%y %k:%M:%S", anchored: true },
  { name: "20261120 100000", pattern: String.raw`%ExY%Exm%Exd(?:-|T| {0,2})%ExH:?%ExM:?%ExS(?:[.,]%f)?(?:\s*%z)?` },
  { name: "CET Nov 20 10:00:00", pattern: `%Z ${SYSLOG}` },
  { name: "+0100 Nov 20 10:00:00", pattern: String.raw`(?<!\w)%z ${SYSLOG}` },
  { name: "TAI64N", pattern: "{TAI64N}", alone: String.raw`(?<!\w){TAI64N}` },
  // Seconds since the epoch as JSON access logs have them (Caddy's "ts", nginx' $msec under a usual name).
  { name: "Epoch in JSON", pattern: "{EPOCH}", alone: String.raw`(?<="(?:ts|time|timestamp|msec)": ?"?){EPOCH}` },
];
