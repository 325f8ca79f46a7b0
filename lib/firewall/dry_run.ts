import { collapse, lastOfEach, ruleKey } from "./changes.ts";
import type { Change, Enforcement, Firewall, Rule, Stopped, Target } from "./firewall.ts";

/** Changes nothing and says what it would do. */
export class DryRun implements Firewall {
  readonly name = "dry-run";
  readonly batch = { most: 1000, quick: 1000 };
  readonly #write: (line: string) => void;
  #jails: ReadonlyMap<string, Target> = new Map();
  #rules = new Map<string, Rule>();

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  reconcile(targets: readonly Target[], rules: readonly Rule[]): Promise<void> {
    this.#jails = new Map(targets.map((target) => [target.jail, target]));
    const wanted = new Map(lastOfEach(rules).map((rule) => [ruleKey(rule), rule]));
    for (const [key, rule] of this.#rules) if (!wanted.has(key)) this.#unban(rule);
    for (const [key, rule] of wanted) {
      if (this.#rules.get(key)?.until !== rule.until) this.#ban(rule);
    }
    return Promise.resolve();
  }

  apply(changes: readonly Change[]): Promise<void> {
    const { wanted, unwanted } = collapse(changes);
    for (const rule of wanted) this.#ban(rule);
    for (const rule of unwanted) this.#unban(rule);
    return Promise.resolve();
  }

  list(): Promise<readonly Rule[]> {
    return Promise.resolve([...this.#rules.values()].filter(isInForce));
  }

  locate(): Promise<Enforcement> {
    return Promise.resolve({ place: "no firewall: this is a dry run", isInForce: null });
  }

  stopped(): Promise<readonly Stopped[]> {
    return Promise.resolve([]);
  }

  isIntact(): Promise<boolean> {
    return Promise.resolve(true);
  }

  watch(): Promise<void> {
    return Promise.resolve();
  }

  remove(): Promise<void> {
    for (const rule of [...this.#rules.values()]) this.#unban(rule);
    return Promise.resolve();
  }

  #ban(rule: Rule): void {
    this.#rules.set(ruleKey(rule), rule);
    if (!isInForce(rule)) return;
    const end = rule.until === null ? "for ever" : `until ${new Date(rule.until).toISOString()}`;
    this.#write(`would ban ${rule.host} from ${this.#traffic(rule.jail)} ${end} (${rule.jail})`);
  }

  #unban(rule: Rule): void {
    if (!this.#rules.delete(ruleKey(rule))) return;
    this.#write(`would unban ${rule.host} (${rule.jail})`);
  }

  #traffic(jail: string): string {
    const { ports = [], protocol = "all" } = this.#jails.get(jail) ?? {};
    if (ports.length === 0) return protocol === "all" ? "all ports" : `all ${protocol} ports`;
    const kind = protocol === "all" ? "" : `${protocol} `;
    return `${kind}port${ports.length === 1 ? "" : "s"} ${ports.join(", ")}`;
  }
}

function isInForce({ until }: Rule): boolean {
  return until === null || until > Date.now();
}
