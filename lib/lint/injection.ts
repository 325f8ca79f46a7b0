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
    const forms = prefregex === undefined ? own : formsOf(prefregex, own.map(open));
    const trial = new Trial(definition, prefregex === undefined ? pattern : undefined, index);
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
      const found = moveHost(pieces, [peer, bystander], trial);
      if (found !== undefined) return [found];
    }
  }
  return [];
}

function moveHost(pieces: Form, [peer, bystander]: Hosts, trial: Trial): Danger | undefined {
  const texts = forgeries(pieces, bystander);
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind !== "field") continue;
    for (const text of texts) {
      if (!piece.accepts(text)) continue;
      const line = render(pieces.with(index, { kind: "text", text }), peer);
      if (trial.proves(bystander, line)) {
        return {
          kind: "host",
          message: explain(pieces, index),
          forgery: { line, host: bystander },
        };
      }
    }
  }
  return undefined;
}

/** Parts of the form with another address in it, the shortest first. */
function forgeries(pieces: Form, bystander: string): readonly string[] {
  const host = hostIn(pieces);
  const texts = pieces.slice(0, host + 1).flatMap((_, from) =>
    pieces.slice(host).map((_, more) => render(pieces.slice(from, host + more + 1), bystander))
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

/** With what may stand around a match within the content of a prefregex. */
function open(form: Form): Form {
  const head: readonly Piece[] = form[0]?.kind === "start" ? [] : [ANYTHING];
  const inner = form.filter(({ kind }) => kind !== "start" && kind !== "end");
  return [...head, ...inner, ...(form.at(-1)?.kind === "end" ? [] : [ANYTHING])];
}

function hostIn(pieces: Form): number {
  return pieces.findIndex(({ kind }) => kind === "host");
}

/** Tries lines on one failregex of a filter. */
class Trial {
  readonly #definition: FilterDefinition;
  readonly #pattern: Pattern | undefined;
  readonly #index: number;

  /** `pattern`: what the line must match at all, where that is quickly said. */
  constructor(definition: FilterDefinition, pattern: Pattern | undefined, index: number) {
    // The lines are as the patterns see them, whatever stands in front of them in the journal.
    this.#definition = { ...definition, journalText: "message" };
    this.#pattern = pattern;
    this.#index = index;
  }

  /** Whether the pattern takes this address from a line; with a prefregex, whether the filter does. */
  takes(host: string, line: string): boolean {
    if (this.#pattern === undefined) return this.#find(line) === host;
    const match = this.#pattern.exec(line);
    if (match === null) return false;
    const { id, address } = this.#pattern.read(match, undefined);
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
      return failure.pattern === this.#index ? failure.host : undefined;
    }
    const trace = patterns[this.#index];
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
