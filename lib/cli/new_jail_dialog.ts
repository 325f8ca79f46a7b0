/** Questions to whoever sits at the terminal, and the answers of whoever does not. */
export class Dialog {
  /** Whether somebody is there to answer. */
  readonly isOpen: boolean;

  /** `isWanted`: false: nothing is asked, and what is proposed is taken. */
  constructor(isWanted: boolean) {
    this.isOpen = isWanted && Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  }

  /** An answer; without one, what is proposed. */
  ask(question: string, proposal: string): string {
    if (!this.isOpen) return proposal;
    return prompt(`${question} [${proposal}]:`)?.trim() || proposal;
  }

  /** Whether to go on. */
  confirm(question: string): boolean {
    return !this.isOpen || /^y(?:es)?$/i.test(prompt(`${question} [y/N]:`)?.trim() ?? "");
  }
}
