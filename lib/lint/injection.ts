import type { FilterDefinition } from "../filter/definition.ts";
import { compileFilter, type Filter, type Pattern } from "../filter/filter.ts";
import type { Flaw } from "./flaw.ts";
import { ANYTHING, type Field, type Form, formsOf, type Piece, render } from "./forms.ts";

/**
 * Lines in which a pattern takes the wrong address. From its tree come lines as the service writes them, with the peer's
 * address in its place; then each part that takes any text is given one that blames another. Whatever is reported, the
 * filter itself has fallen for. Of filters that see several lines at once (`maxlines`) nothing is told.
 */
export function findInjections(
  definition: FilterDefinition,
  { failregex, prefregex }: Filter,
): Flaw[] {
  if (definition.maxlines > 1) return [];
  return failregex.flatMap((pattern, index) => {
    const own = formsOf(pattern);
    const forms = prefregex === undefined ? own : own.flatMap((form) => within(prefregex, form));
    const trial = new Trial(definition, { prefregex, pattern, index });
    return [...findUnanchored(forms, trial), ...findMovable(forms, trial)].map((danger) => ({
      ...danger,
      pattern: index,
    }));
  });
}

type Hosts = readonly [peer: string, bystander: string];
type Danger = Omit<Flaw, "pattern">;

/** Documentation addresses (RFC 5737, RFC 3849), for patterns of both families. */
const HOSTS: readonly Hosts[] = [["192.0.2.7", "203.0.113.9"], ["2001:db8::7", "2001:db8:bad::9"]];
/** So many texts are tried in the fields of all forms of a pattern together: each takes less than a microsecond. */
const MAX_TRIES = 100_000;
/** So many pieces on either side of the address are part of a forgery. */
const MAX_AROUND = 6;
/** What may stand in front of somebody's text in another message. */
const PROSE = 'said: "x, y" ';

function findUnanchored(forms: readonly Form[], trial: Trial): Danger[] {
  for (const form of forms) {
    const [first, second] = form;
    const head = first?.kind === "start" ? second : ANYTHING;
    if (head?.kind !== "field" || !head.accepts(PROSE)) continue;
    for (const [, bystander] of HOSTS) {
      const line = PROSE + render(form, bystander);
      if (!trial.proves(bystander, line)) continue;
      const why = head === ANYTHING
        ? "it has no ^ at its beginning"
        : `it begins with ${head.source}`;
      const message = `${why}, so that it matches in the midst of other lines: ` +
        "begin with ^ and spell out what the service writes in front of the address";
      return [{ kind: "anchor", message, forgery: { line, host: bystander } }];
    }
  }
  return [];
}

function findMovable(forms: readonly Form[], trial: Trial): Danger[] {
  for (const form of forms) {
    const pieces = withTail(form);
    for (const [peer, bystander] of HOSTS) {
      if (!trial.takes(peer, render(pieces, peer))) continue;
      const found = moveHost(pieces, [peer, bystander], trial, MAX_TRIES / forms.length);
      if (found !== undefined) return [found];
    }
  }
  return [];
}

function moveHost(
  pieces: Form,
  [peer, bystander]: Hosts,
  trial: Trial,
  tries: number,
): Danger | undefined {
  const texts = forgeries(pieces, bystander);
  for (const [index, field] of fieldsOf(pieces)) {
    for (const text of texts) {
      if (tries-- < 0) return undefined;
      if (!field.accepts(text)) continue;
      const line = render(pieces.with(index, { kind: "text", text }), peer);
      if (!trial.proves(bystander, line)) continue;
      return { kind: "host", message: explain(pieces, index), forgery: { line, host: bystander } };
    }
  }
  return undefined;
}

/** The fields with their places, the nearest to the address first. */
function fieldsOf(pieces: Form): readonly (readonly [index: number, field: Field])[] {
  const host = hostIn(pieces);
  return pieces
    .flatMap((piece, index) => piece.kind === "field" ? [[index, piece] as const] : [])
    .sort(([a], [b]) => Math.abs(a - host) - Math.abs(b - host));
}

/** Parts of the form with another address in it, the shortest first. */
function forgeries(pieces: Form, bystander: string): readonly string[] {
  const host = hostIn(pieces);
  const starts = pieces.map((_, index) => index).slice(Math.max(0, host - MAX_AROUND), host + 1);
  const ends = pieces.map((_, index) => index + 1).slice(host, host + MAX_AROUND);
  const texts = [0, ...starts].flatMap((start) =>
    [...ends, pieces.length].map((end) => render(pieces.slice(start, end), bystander))
  );
  return [...new Set(texts.flatMap((text) => [text, `x${text}`, `${text} `, `${text}x`]))]
    .sort((a, b) => a.length - b.length);
}

function explain(pieces: Form, index: number): string {
  const host = hostIn(pieces);
  const field = pieces[index] as Field;
  const before = pieces.slice(0, host).findLast((piece): piece is Field => piece.kind === "field");
  const isOpen = pieces.includes(ANYTHING);
  if (field === ANYTHING || (isOpen && index < host)) {
    const taker = field === ANYTHING ? before?.source : field.source;
    const why = taker === undefined
      ? "text behind the match can stand in the address's place"
      : `${taker} in front of the address takes any text, and no $ says where the line ends`;
    return `${why}: end the pattern with $ and spell out what the service writes behind the address`;
  }
  const where = index < host ? "in front of" : "behind";
  return `${field.source} ${where} the address can hold another address with the words around it: ` +
    'let it take only what the service writes there, for example \\S+ or [^"]*, or put the address first';
}

/** With what may follow a match that does not say that the line ends. */
function withTail(form: Form): Form {
  return form.at(-1)?.kind === "end" ? form : [...form, ANYTHING];
}

/** A form within the prefregex that hands it its content: with all that is optional there, and with none of it. */
function within(prefregex: Pattern, form: Form): readonly Form[] {
  const head: readonly Piece[] = form[0]?.kind === "start" ? [] : [ANYTHING];
  const inner = form.filter(({ kind }) => kind !== "start" && kind !== "end");
  const tail: readonly Piece[] = form.at(-1)?.kind === "end" ? [] : [ANYTHING];
  const forms = formsOf(prefregex, [...head, ...inner, ...tail]);
  return forms.length > 1 ? [forms[0]!, forms.at(-1)!] : forms;
}

function hostIn(pieces: Form): number {
  return pieces.findIndex(({ kind }) => kind === "host");
}

interface Subject {
  readonly prefregex: Pattern | undefined;
  readonly pattern: Pattern;
  readonly index: number;
}

/** Tries lines on one failregex of a filter. */
class Trial {
  readonly #definition: FilterDefinition;
  readonly #subject: Subject;

  constructor(definition: FilterDefinition, subject: Subject) {
    // The lines are as the patterns see them, whatever stands in front of them in the journal.
    this.#definition = { ...definition, journalText: "message" };
    this.#subject = subject;
  }

  /** Whether the pattern takes this address from a line. */
  takes(host: string, line: string): boolean {
    const { prefregex, pattern } = this.#subject;
    let text = line;
    if (prefregex !== undefined) {
      const prefix = prefregex.exec(line);
      if (prefix === null) return false;
      text = prefregex.read(prefix, undefined).content || line;
    }
    const match = pattern.exec(text);
    if (match === null) return false;
    const { id, address } = pattern.read(match, undefined);
    return (id ?? address) === host;
  }

  /** Whether the whole filter does, by this pattern. To compile it takes long, so the pattern alone is asked first. */
  proves(host: string, line: string): boolean {
    return this.takes(host, line) && this.#find(line) === host;
  }

  #find(line: string): string | undefined {
    const [identifier] = this.#definition.syslogIdentifier;
    const entry = { time: NOW, text: line, ...(identifier && { identifier, pid: "1" }) };
    // A fresh one, for sessions remember.
    const filter = compileFilter(this.#definition);
    const { findings, patterns } = filter.explain(entry, { now: NOW, live: false });
    const failure = findings.find((finding) => finding.kind === "failure");
    if (failure !== undefined) {
      return failure.pattern === this.#subject.index ? failure.host : undefined;
    }
    const trace = patterns[this.#subject.index];
    if (findings.length > 0 || !trace?.matched) return undefined;
    // A line that is no failure by itself, but tells the address of its session.
    const parts = new Map(trace.parts);
    return parts.has("nofail")
      ? parts.get("addr") ?? parts.get("ip4") ?? parts.get("ip6")
      : undefined;
  }
}

/** Any moment; no finding depends on it. */
const NOW = Date.parse("2026-11-22T00:00:00Z");
