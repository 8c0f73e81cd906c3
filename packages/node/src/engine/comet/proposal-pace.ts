/**
 * How many transactions a proposal may have, so that all have executed it long before they would go on without it: the
 * gas limit of a block knows nothing of how fast the machines are, and of what else they do. What took too long shrinks,
 * what was cut short grows, each to what would have taken the time that there is.
 */
export class ProposalPace {
  readonly #milliseconds: number;
  #limit = Number.POSITIVE_INFINITY;

  /** The time in which a proposal should be executed. */
  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** Most transactions of the next proposal; at least one. */
  get limit(): number {
    return this.#limit;
  }

  /** So many transactions, of this node's proposal or of another's, took so long. */
  took(transactions: number, milliseconds: number): void {
    if (transactions === 0) return;
    if (milliseconds <= this.#milliseconds && transactions < this.#limit) return;
    const change = Math.min(2, this.#milliseconds / milliseconds);
    this.#limit = Math.max(1, Math.floor(transactions * change));
  }
}
