/** The sections of a report. */
import { html, type Markup, nothing } from "./html.ts";
import { drawBar, drawColumns, drawSpans, formatCount, type Tick } from "./charts.ts";
import type { Offender, Ranked, Summary, ToldBan } from "./summary.ts";
import { clockTime, dayAndTime, dayName, spanName } from "./words.ts";

/** So many jails have a colour of their own; what is left has the last. */
const COLOURS = 6;

/** The figures above all. */
export function totalsSection({ totals }: Summary): Markup {
  const figures = [
    ["ban", "bans", totals.bans],
    ["address", "addresses", totals.hosts],
    ["network", "networks", totals.networks],
    ["failed attempt", "failed attempts", totals.failures],
    ["still in force", "still in force", totals.inForce],
  ] as const;
  return html`
    <section class="wide" id="totals" aria-label="In figures">
      <dl class="figures">${figures.map(([one, many, count]) =>
        html`
          <div>
            <dt>${count === 1 ? one : many}</dt>
            <dd>${formatCount(count)}</dd>
          </div>
        `
      )}</dl>
    </section>
  `;
}

/** Columns by time, stacked by jail. */
export function overTimeSection(summary: Summary): Markup {
  const { jails, overTime } = summary;
  const series = seriesNames(summary);
  const starts = overTime.map(({ start }) => Date.parse(start));
  const step = starts.length > 1 ? starts[1]! - starts[0]! : 0;
  const busiest = overTime.reduce<Summary["overTime"][number] | undefined>(
    (most, bin) => most === undefined || total(bin.bans) > total(most.bans) ? bin : most,
    undefined,
  );
  const columns = overTime.map(({ start, bans }) => {
    const values = [...bans.slice(0, COLOURS), total(bans.slice(COLOURS))].slice(0, series.length);
    const parts = series.flatMap((name, index) =>
      values[index]! > 0 ? `${name} ${formatCount(values[index]!)}` : []
    );
    const when = dayAndTime(Date.parse(start));
    return { values, title: `${when}: ${[formatCount(total(bans)), ...parts].join(", ")}` };
  });
  const peak = busiest === undefined
    ? ""
    : `The most, ${formatCount(total(busiest.bans))}, came in the ${spanName(step)} from ${
      dayAndTime(Date.parse(busiest.start))
    }.`;
  return html`
    <section class="wide" id="over-time" aria-labelledby="over-time-head">
    <h2 id="over-time-head">Bans over time</h2>
    <p class="about">Each column is ${spanName(step)}. ${peak}</p>
    <ul class="legend">${series.map((name, index) => {
      const bans = index < COLOURS
        ? jails[index]!.bans
        : total(jails.slice(COLOURS).map(({ bans }) => bans));
      return html`<li>${dot(index)}${name} <b>${formatCount(bans)}</b></li>`;
    })}</ul>
    ${drawColumns({
      title: `Bans over time as stacked columns, by jail. ${peak} The table below has the numbers.`,
      columns,
      ticks: timeTicks(starts),
      height: 220,
    })}
    <details class="data"><summary>The numbers as a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Bans over time, as a table"><table><caption>Bans over time, by jail</caption>
    <thead><tr><th scope="col">From</th>${series.map((name) =>
      html`<th scope="col" class="number">${name}</th>`
    )}</tr></thead>
    <tbody>${columns.map(({ values }, index) =>
      html`
        <tr><th scope="row">${dayAndTime(starts[index]!)}</th>${values.map((value) =>
          html`<td class="number">${formatCount(value)}</td>`
        )}</tr>
      `
    )}</tbody></table></div></details>
    </section>
  `;
}

/** Networks, the worst first. */
export function networksSection({ networks }: Summary): Markup {
  return rankedSection(
    "networks",
    "Where they come from",
    "Networks of a /24, or of a /48 in IPv6.",
    {
      head: "Network",
      rows: networks.map((each) => ({ ...each, name: each.network })),
    },
  );
}

/** User names, the most wanted first. */
export function namesSection({ names }: Summary): Markup {
  const about = "User names that were tried, by the log lines on record.";
  return rankedSection("names", "Who they want to be", about, { head: "User name", rows: names });
}

/** Columns by hour of the day. */
export function hoursSection({ hours }: Summary): Markup {
  const most = hours.indexOf(Math.max(...hours));
  const busiest = `The busiest begins at ${hourName(most)}, with ${formatCount(hours[most]!)}.`;
  return html`
    <section id="hours" aria-labelledby="hours-head">
      <h2 id="hours-head">Hours of the day</h2>
      <p class="about">Bans by the hour, in this server&rsquo;s time. ${busiest}</p>
      <div class="single">${drawColumns({
        title: `Bans by hour of the day as columns. ${busiest} The table below has the numbers.`,
        columns: hours.map((bans, hour) => ({
          values: [bans],
          title: `${hourName(hour)}: ${formatCount(bans)}`,
        })),
        ticks: [0, 3, 6, 9, 12, 15, 18, 21].map((hour) => ({
          at: (hour + 0.5) / 24,
          text: String(hour).padStart(2, "0"),
          isMinor: hour % 6 !== 0,
        })),
        height: 160,
      })}</div>
      <details class="data">
        <summary>The numbers as a table</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Bans by hour, as a table">
          <table>
            <caption>Bans by hour of the day</caption>
            <thead>
              <tr>
                <th scope="col">Hour</th>
                <th scope="col" class="number">Bans</th>
              </tr>
            </thead>
            <tbody>${hours.map((bans, hour) =>
              html`
                <tr>
                  <th scope="row">${hourName(hour)}</th>
                  <td class="number">${formatCount(bans)}</td>
                </tr>
              `
            )}</tbody>
          </table>
        </div>
      </details>
    </section>
  `;
}

/** The jails, the busiest first. */
export function jailsSection({ jails }: Summary): Markup {
  return html`
    <section id="jails" aria-labelledby="jails-head">
      <h2 id="jails-head">Jails</h2>
      <p class="about">What they have done in this time.</p>
      <table>
        <caption>Jails with their bans</caption>
        <thead>
          <tr>
            <th scope="col">Jail</th>
            <th scope="col" class="number">Bans</th>
            <th scope="col" class="number">Addresses</th>
            <th scope="col" class="number">Failures</th>
          </tr>
        </thead>
        <tbody>${jails.map(({ jail, bans, hosts, failures }, index) =>
          html`
            <tr>
              <th scope="row">${dot(index)}${jail}</th>
              <td class="number">${formatCount(bans)}</td>
              <td class="number">${formatCount(hosts)}</td>
              <td class="number">${formatCount(failures)}</td>
            </tr>
          `
        )}</tbody>
      </table>
    </section>
  `;
}

/** Who came back most often, with his bans on a line of time. Where nobody did, its place is kept for who may yet. */
export function offendersSection({ offenders, from, to }: Summary): Markup {
  if (offenders.length === 0) return html`<section class="wide" id="offenders" hidden></section>`;
  const [start, end] = [Date.parse(from), Date.parse(to)];
  return html`
    <section class="wide offenders" id="offenders" aria-labelledby="offenders-head">
      <h2 id="offenders-head">The most persistent</h2>
      <p
        class="about">Who was banned again and again. Each mark is a ban, as long as it lasted, on a line from ${dayName(
          start,
        )} to ${dayName(end)}.</p>
      <table>
        <caption>Addresses that were banned most often</caption>
        <thead>
          <tr>
            <th scope="col">Address</th>
            <th scope="col" class="number">Bans</th>
            <th scope="col" class="number failures">Failures</th>
            <th scope="col" class="jails">Jails</th>
            <th scope="col">When</th>
          </tr>
        </thead>
        <tbody>${offenders.map((each) => offenderRow(each, start, end))}</tbody>
      </table>
    </section>
  `;
}

function offenderRow(offender: Offender, start: number, end: number): Markup {
  const part = (time: number) => Math.min(1, Math.max(0, (time - start) / (end - start)));
  const spans = offender.spans.map(({ since, until }) => ({
    from: part(Date.parse(since)),
    to: until === null ? 1 : part(Date.parse(until)),
  }));
  return html`
    <tr>
      <th scope="row" class="host">${offender.host}</th>
      <td class="number">${formatCount(offender.bans)}</td>
      <td class="number failures">${formatCount(offender.failures)}</td>
      <td class="jails soft">${offender.jails.join(", ")}</td>
      <td class="graph" title="${dayAndTime(Date.parse(offender.first))} to ${dayAndTime(
        Date.parse(offender.last),
      )}">${drawSpans(spans)}</td>
    </tr>
  `;
}

/** The newest bans, with a search. `control`: what stands with a ban in force. */
export function bansSection(
  summary: Summary,
  control: (ban: ToldBan) => Markup = () => nothing,
): Markup {
  const { bans, totals, to } = summary;
  const series = new Map(summary.jails.map(({ jail }, index) => [jail, index]));
  const which = bans.length < totals.bans
    ? `The newest ${formatCount(bans.length)} of ${formatCount(totals.bans)}`
    : "All of them";
  return html`
    <section class="wide bans" id="list" aria-labelledby="list-head">
      <h2 id="list-head">Bans</h2>
      <p
        class="about">${which}, the newest first. Open a row&rsquo;s last column for the log line.</p>
      <div class="search"
        hidden><label for="search">Search</label><input id="search" type="search" autocomplete="off" spellcheck="false" placeholder="address, jail or name"><span id="found" class="soft" role="status"></span></div>
      <table role="table">
        <caption>${which}, the newest first</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">Since</th>
            <th scope="col" role="columnheader">Address</th>
            <th scope="col" role="columnheader">Jail</th>
            <th scope="col" role="columnheader" class="number">Failures</th>
            <th scope="col" role="columnheader">Until</th>
            <th scope="col" role="columnheader">Tried</th>
          </tr>
        </thead>
        <tbody role="rowgroup" id="bans">${bans.map((ban) =>
          banRow(ban, series.get(ban.jail) ?? 0, Date.parse(to), control)
        )}</tbody>
      </table>
    </section>
  `;
}

function banRow(
  ban: ToldBan,
  series: number,
  now: number,
  control: (ban: ToldBan) => Markup,
): Markup {
  const until = ban.until === null ? null : Date.parse(ban.until);
  const isInForce = until === null || until > now;
  const end = until === null ? "for ever" : dayAndTime(until);
  const tried = ban.names.length > 0 ? ban.names.join(", ") : ban.isManual ? "by hand" : "log line";
  return html`
    <tr role="row">
      <td role="cell" class="when"><time datetime="${ban.since}">${dayAndTime(
        Date.parse(ban.since),
      )}</time></td>
      <th scope="row" role="rowheader" class="host">${ban.host}</th>
      <td role="cell">${dot(series)}${ban.jail}</td>
      <td role="cell" class="number failures">${formatCount(ban.failures)}</td>
      <td role="cell" class="when until${isInForce ? " in-force" : ""}">${end}${isInForce
        ? html`<span class="unseen">, in force</span>${control(ban)}`
        : nothing}</td>
      <td role="cell" class="why">${ban.line === null
        ? html`<span class="soft">${tried}</span>`
        : html`<details><summary>${tried}</summary><code>${ban.line}</code></details>`}</td>
    </tr>
  `;
}

function rankedSection(
  id: string,
  title: string,
  about: string,
  { head, rows }: { readonly head: string; readonly rows: readonly Ranked<"name">[] },
): Markup {
  const most = Math.max(1, ...rows.map(({ bans }) => bans));
  const table = html`
    <table>
      <caption>${title}</caption>
      <thead>
        <tr>
          <th scope="col">${head}</th>
          <th scope="col" class="number">Bans</th>
          <th scope="col" class="number">Addresses</th>
          <td class="graph"></td>
        </tr>
      </thead>
      <tbody>${rows.map(({ name, bans, hosts }) =>
        html`
          <tr>
            <th scope="row" class="host">${name}</th>
            <td class="number">${formatCount(bans)}</td>
            <td class="number soft">${formatCount(hosts)}</td>
            <td class="graph">${drawBar(bans / most)}</td>
          </tr>
        `
      )}</tbody>
    </table>
  `;
  return html`
    <section class="lists" id="${id}" aria-labelledby="${id}-head">
    <h2 id="${id}-head">${title}</h2>
    <p class="about">${about}</p>
    ${rows.length === 0 ? html`<p class="soft">None.</p>` : table}
    </section>
  `;
}

/** The jails with a colour of their own, and what is left. */
function seriesNames({ jails }: Summary): string[] {
  const names = jails.slice(0, COLOURS).map(({ jail }) => jail);
  return jails.length > COLOURS ? [...names, `${jails.length - COLOURS} others`] : names;
}

function dot(series: number): Markup {
  return html`
    <svg class="dot" aria-hidden="true">
      <rect width="100%" height="100%" rx="2" class="series-${Math.min(series, COLOURS)}" />
    </svg>
  `;
}

/** A text where a day begins or, in a short time, now and then. */
function timeTicks(starts: readonly number[]): Tick[] {
  const isMidnight = (time: number) =>
    new Date(time).getHours() + new Date(time).getMinutes() === 0;
  const days = starts.flatMap((start, index) => isMidnight(start) ? [index] : []);
  const chosen = days.length >= 3 ? days : starts.map((_, index) => index);
  const every = Math.ceil(chosen.length / MOST_TICKS);
  return chosen.filter((_, index) => index % every === 0).map((index, order) => ({
    at: days.length >= 3 ? index / starts.length : (index + 0.5) / starts.length,
    text: days.length >= 3 ? dayName(starts[index]!) : clockTime(starts[index]!),
    isMinor: order % 3 !== 0,
  }));
}

const MOST_TICKS = 8;

function hourName(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
