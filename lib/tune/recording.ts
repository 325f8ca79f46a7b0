import type { Host } from "../address.ts";
import type { Failure, Success } from "../filter/failure.ts";
import { ownCopy } from "../own_copy.ts";
import { Visits } from "./visits.ts";

/** An address that belongs to somebody who has business here, as far as the log tells. */
export interface Legitimate {
  readonly host: Host;
  /** By what: it has logged in, or most of its requests were answered with a 2xx. */
  readonly by: "login" | "requests";
  /** How many logins, or requests so answered. */
  readonly times: number;
  /** Who logged in last, where the log says so. Hostile text. */
  readonly user: string | undefined;
}

/** A failure or success, in the order in which the jail heard of it. */
export interface Heard {
  readonly finding: Failure | Success;
  /** Whether it proves a login, so that `trust_logins` spares the address. */
  readonly isLogin: boolean;
}

/** All that one jail's logs say about failures and successes, without their lines. */
export class Recording {
  readonly #heard: Heard[] = [];
  /** Each text once: a million failures are of far fewer hosts and sessions. */
  readonly #texts = new Map<string, string>();
  readonly #failures = new Map<Host, number>();
  readonly #logins = new Map<Host, { times: number; user: string | undefined }>();
  readonly #visits = new Visits();
  #first = Infinity;
  #last = -Infinity;

  /** Keeps a finding. */
  onFinding(finding: Failure | Success, isLogin: boolean): void {
    this.#first = Math.min(this.#first, finding.time);
    this.#last = Math.max(this.#last, finding.time);
    const host = finding.host === undefined ? {} : { host: this.#own(finding.host) };
    const session = finding.session === undefined ? {} : { session: this.#own(finding.session) };
    if (finding.kind === "success") {
      this.#heard.push({
        finding: { kind: "success", time: finding.time, session: session.session!, ...host },
        isLogin,
      });
      if (host.host !== undefined) this.#countLogin(host.host, finding.user);
      return;
    }
    const { time, pattern, address } = finding;
    const behind = address === undefined ? {} : { address: this.#own(address) };
    this.#heard.push({
      finding: {
        kind: "failure",
        time,
        host: host.host!,
        ...behind,
        ...session,
        line: "",
        pattern,
      },
      isLogin,
    });
    const failing = behind.address ?? host.host!;
    this.#failures.set(failing, (this.#failures.get(failing) ?? 0) + 1);
  }

  /** Looks for requests in lines of log. */
  onText(text: string): void {
    this.#visits.read(text);
  }

  get heard(): readonly Heard[] {
    return this.#heard;
  }

  /** How often each address has failed. */
  get failures(): ReadonlyMap<Host, number> {
    return this.#failures;
  }

  /** The times of the first and the last finding, in milliseconds since the epoch; undefined where there are none. */
  get span(): readonly [first: number, last: number] | undefined {
    return this.#heard.length === 0 ? undefined : [this.#first, this.#last];
  }

  /** Whether the log tells legitimate users from others at all: it has logins or requests. */
  get tellsLegitimate(): boolean {
    return this.#logins.size > 0 || this.#visits.isAccessLog;
  }

  /** The addresses that have failed and yet seem to have business here, those that failed most first. */
  legitimate(): readonly Legitimate[] {
    const found: Legitimate[] = [];
    for (const host of this.#failures.keys()) {
      const login = this.#logins.get(host);
      if (login !== undefined) found.push({ host, by: "login", ...login });
      else {
        const times = this.#visits.welcome(host);
        if (times > 0) found.push({ host, by: "requests", times, user: undefined });
      }
    }
    return found.sort((a, b) => this.#failures.get(b.host)! - this.#failures.get(a.host)!);
  }

  #countLogin(host: Host, user: string | undefined): void {
    const { times = 0, user: before } = this.#logins.get(host) ?? {};
    this.#logins.set(host, { times: times + 1, user: user === undefined ? before : ownCopy(user) });
  }

  #own(text: string): string {
    let own = this.#texts.get(text);
    if (own === undefined) this.#texts.set(own = ownCopy(text), own);
    return own;
  }
}
