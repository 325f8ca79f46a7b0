/** A state as the lines of a screen. Pure. */
import type { BanReport, JailReport } from "../../control/mod.ts";
import { count, formatSpan, formatTime, grouped, spanInWords } from "../render.ts";
import { indexOfChosen, type State } from "./state.ts";
import { clip, fit, type Paint, plain, rate, sparkline } from "./text.ts";

/** How large a screen is, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** On less nothing useful can be shown. */
export const SMALLEST: Size = { columns: 60, rows: 12 };

/** From here on there is room for networks beside the bans. */
const WIDE = 130;
const NETWORKS_WIDTH = 46;
const MOST_NETWORKS_BELOW = 4;

/** As many lines as the screen has rows, none wider than it. */
export function draw(state: State, size: Size, paint: Paint): readonly string[] {
  if (size.columns < SMALLEST.columns || size.rows < SMALLEST.rows) {
    const words = `banjo top needs ${SMALLEST.columns} columns and ${SMALLEST.rows} rows`;
    return filled([fit(words, Math.min(words.length, size.columns))], size.rows);
  }
  const body = size.rows - 1;
  const lines = state.mode.kind === "text"
    ? state.mode.lines.slice(state.mode.top, state.mode.top + body)
    : lists(state, { ...size, rows: body }, paint);
  return [
    ...filled(lines.map((line) => clip(line, size.columns)), body),
    clip(footer(state, body, paint), size.columns),
  ];
}

function lists(state: State, { columns, rows }: Size, paint: Paint): readonly string[] {
  const head = header(state, columns, paint);
  const jails = jailTable(
    state,
    columns,
    Math.max(2, Math.floor((rows - head.length) * 0.4)),
    paint,
  );
  const above = [...head, "", ...jails, ""];
  const left = rows - above.length;
  const { networks } = state.overview;
  if (columns >= WIDE) {
    const width = columns - NETWORKS_WIDTH - 2;
    const bans = banTable(state, width, left, paint);
    const worst = networkTable(state, NETWORKS_WIDTH, left, paint);
    const beside = Array.from(
      { length: Math.max(bans.length, worst.length) },
      (_, row) => (bans[row] ?? " ".repeat(width)) + "  " + (worst[row] ?? ""),
    );
    return [...above, ...beside];
  }
  const below = Math.min(networks.length, MOST_NETWORKS_BELOW, Math.max(0, left - 6));
  if (below === 0) return [...above, ...banTable(state, columns, left, paint)];
  const bans = banTable(state, columns, left - below - 2, paint);
  return [
    ...above,
    ...filled(bans, left - below - 2),
    "",
    ...networkTable(state, columns, below + 1, paint),
  ];
}

function header(state: State, columns: number, paint: Paint): readonly string[] {
  const { report, rates, now, unreachable } = state;
  const { health, version, jails, pending, problems } = report;
  const clock = formatTime(now).slice(-8);
  const isFine = unreachable === undefined && health === "healthy";
  const title = `banjo ${version}  `;
  const words = fit(
    isFine
      ? health
      : unreachable !== undefined
      ? `no answer, this is old: ${plain(unreachable)}`
      : `degraded: ${plain(problems[0] ?? health.replace(/^degraded: /, ""))}`,
    columns - title.length - clock.length - 1,
  );
  const failures = jails.reduce((sum, { jail }) => sum + rates.failuresOf(jail), 0);
  const banned = jails.reduce((sum, jail) => sum + jail.banned.now, 0);
  const figures = [
    count(jails.length, "jail"),
    `${grouped(banned)} banned`,
    `${rate(failures)} failures/s`,
    `${rate(rates.bans)} bans/min`,
    ...(pending > 0 ? [`${grouped(pending)} not yet in the firewall`] : []),
  ].join("   ");
  return [
    `${paint.bold(title)}${(isFine ? paint.good : paint.bad)(words)} ${paint.dim(clock)}`,
    fit(figures, columns),
  ];
}

function jailTable(
  { report, rates }: State,
  columns: number,
  rows: number,
  paint: Paint,
): readonly string[] {
  const all = report.jails.toSorted((a, b) =>
    rates.failuresOf(b.jail) - rates.failuresOf(a.jail) || b.banned.now - a.banned.now
  );
  const shown = all.length > rows - 1 ? all.slice(0, rows - 2) : all;
  const longest = Math.max(4, ...shown.map(({ jail }) => jail.length));
  const name = Math.min(longest, columns >= WIDE ? 40 : 18);
  const spark = columns - name - NUMBERS.length * (NUMBER + 2) - 2;
  const head = [
    fit("JAIL", name),
    ...NUMBERS.map(([title]) => fit(title, NUMBER, "right")),
    fit("FAILURES UP TO NOW", spark),
  ].join("  ");
  const lines = shown.map((jail) =>
    [
      fit(plain(jail.jail), name),
      ...NUMBERS.map(([, of]) => fit(of(jail, rates), NUMBER, "right")),
      paint.warn(sparkline(rates.seriesOf(jail.jail), spark)),
    ].join("  ")
  );
  const more = all.length - shown.length;
  return [
    paint.bold(head),
    ...lines,
    ...(more > 0 ? [paint.dim(`and ${count(more, "more jail")}`)] : []),
  ];
}

const NUMBER = 10;
const NUMBERS: readonly (readonly [
  title: string,
  of: (jail: JailReport, rates: State["rates"]) => string,
])[] = [
  ["FAILURES/S", ({ jail }, rates) => rate(rates.failuresOf(jail))],
  ["FAILING", ({ failed }) => grouped(failed.now)],
  ["BANNED", ({ banned }) => grouped(banned.now)],
];

/** The latest bans, scrolled so that the cursor is in sight. */
function banTable(state: State, columns: number, rows: number, paint: Paint): readonly string[] {
  const { newest } = state.overview;
  if (newest.length === 0) return [paint.bold(fit("LATEST BANS", columns)), "  Nobody is banned."];
  const shown = BAN_COLUMNS.filter(({ from = 0 }) => columns >= from);
  const widths = shown.map((column) => columns >= ROOMY ? column.roomy : column.width);
  const others = widths.reduce((sum, width) => sum + width + 2, MARK.length);
  const host = Math.min(LONGEST_HOST, columns - others);
  const cells = (first: string, rest: readonly string[]) =>
    fit(
      [
        fit(first, host),
        ...rest.map((text, index) => fit(text, widths[index]!, shown[index]!.align)),
      ].join("  "),
      columns - MARK.length,
    );
  const chosen = indexOfChosen(state);
  const visible = Math.max(1, rows - 1);
  const top = Math.max(0, Math.min(chosen - visible + 1, newest.length - visible));
  return [
    paint.bold(BLANK + cells("LATEST BANS", shown.map(({ head }) => head))),
    ...newest.slice(top, top + visible).map((ban, index) => {
      const isChosen = top + index === chosen;
      const texts = shown.map(({ of }) => of(ban, state.now));
      const line = (isChosen ? MARK : BLANK) + cells(plain(ban.host), texts);
      return isChosen ? paint.chosen(line) : line;
    }),
  ];
}

const MARK = "> ";

const BLANK = "  ";

/** From so many columns on, a table of bans has much room. */
const ROOMY = 130;
/** From so many on, all but the time of day fits beside a network of IPv6. */
const COZY = 76;

/** The columns of a ban behind its host, with their widths where there is little room and where there is much. */
const BAN_COLUMNS: readonly BanColumn[] = [
  { head: "JAIL", width: 16, roomy: 30, of: ({ jail }) => plain(jail) },
  {
    head: "SINCE",
    width: 0,
    roomy: 19,
    from: ROOMY,
    of: ({ since }) => formatTime(Date.parse(since)),
  },
  {
    head: "AGO",
    width: 7,
    roomy: 7,
    from: COZY,
    of: ({ since }, now) => formatSpan(now - Date.parse(since)),
  },
  {
    head: "LEFT",
    width: 10,
    roomy: 12,
    of: ({ until }, now) =>
      until === null ? "for ever" : spanInWords(Math.max(0, Date.parse(until) - now)),
  },
  {
    head: "FAILURES",
    width: 8,
    roomy: 8,
    align: "right",
    from: COZY,
    of: ({ failures }) => String(failures),
  },
];

interface BanColumn {
  readonly head: string;
  readonly width: number;
  readonly roomy: number;
  readonly align?: "right";
  /** Only on so many columns: the host, which is no use cut, has the room else. */
  readonly from?: number;
  readonly of: (ban: BanReport, now: number) => string;
}

/** The longest network of IPv6. */
const LONGEST_HOST = 43;

function networkTable(
  { overview: { networks } }: State,
  columns: number,
  rows: number,
  paint: Paint,
): readonly string[] {
  const [name, number] = [Math.min(columns - 10, 34), 8];
  const line = (network: string, bans: string) =>
    `${fit(network, name)}  ${fit(bans, number, "right")}`;
  if (networks.length === 0) return [];
  return [
    paint.bold(line("WORST NETWORKS", "BANS")),
    ...networks.slice(0, rows - 1).map(({ network, bans }) => line(plain(network), grouped(bans))),
  ];
}

function footer({ mode, message, overview }: State, rows: number, paint: Paint): string {
  if (mode.kind === "question") {
    return paint.bold(`Unban ${plain(mode.ban.host)} in every jail? y/n`);
  }
  if (mode.kind === "text") {
    const isWhole = mode.lines.length <= rows;
    return paint.dim(isWhole ? "q back" : "q back   ↑↓ scroll");
  }
  if (message !== "") return paint.bold(plain(message));
  return paint.dim(
    overview.newest.length === 0 ? "q quit" : "q quit   ↑↓ choose   enter explain   u unban",
  );
}

function filled(lines: readonly string[], rows: number): readonly string[] {
  return [...lines.slice(0, rows), ...Array(Math.max(0, rows - lines.length)).fill("")];
}
