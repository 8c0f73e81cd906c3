import type { Settings } from "./peers/peer.js";

/** One line of the output. The ratio is `figure` by `peerFigure`; `better` says which way is good. */
export interface Result {
  readonly name: string;
  readonly figure: number;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly peer: string;
  readonly peerFigure: number;
  readonly settings: Settings;
}

/** What the command line asks for. */
export interface Options {
  /** Transactions of a load. */
  readonly count: number;
  /** With geth as a second peer. */
  readonly geth: boolean;
}

export type Benchmark = (options: Options, report: (result: Result) => void) => Promise<void>;

/** Several results under one name of the command line. */
export function inTurn(...benchmarks: readonly Benchmark[]): Benchmark {
  return async (options, report) => {
    for (const benchmark of benchmarks) await benchmark(options, report);
  };
}

/** Writes a result as one line of JSON. */
export function printResult({ settings, ...result }: Result): void {
  const { name, figure, unit, better, peer, peerFigure } = result;
  const line = { name, figure: round(figure), unit, better, peer, peerFigure: round(peerFigure) };
  process.stdout.write(`${JSON.stringify({ ...line, ratio: round(figure / peerFigure), settings })}\n`);
}

/** Three significant digits at least: more would claim more than a run can know. */
function round(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}
