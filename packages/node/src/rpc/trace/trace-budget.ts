/** Most bytes of what a call to debug_trace* or its like records, roughly as long as its answer. */
export const MAX_TRACE_BYTES = 32 * 2 ** 20;

/** How much more may be recorded. What is over it is not recorded, so the execution goes on to its end. */
export class TraceBudget {
  #left = MAX_TRACE_BYTES;

  /** Whether the bytes may be recorded. */
  spend(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }

  get isOver(): boolean {
    return this.#left < 0;
  }
}
