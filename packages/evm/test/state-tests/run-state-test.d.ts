/** One result that a state test expects, in the execution specs' JSON. */
interface Result {
  readonly indexes: { readonly data: number; readonly gas: number; readonly value: number };
}

export function resultsOf(test: unknown): readonly Result[];
export function runStateTest(test: unknown, post: Result): Promise<string | undefined>;
