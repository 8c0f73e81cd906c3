import { loadSettings, measure, type Workload } from "../load/workload.js";
import { anvil } from "../peers/anvil.js";
import { geth } from "../peers/geth.js";
import { ruff } from "../peers/ruff.js";
import type { Benchmark } from "../result.js";

/** Runs one load on our node and its counterpart on each peer; transactions a second until all receipts are read. */
export function compareLoads(name: string, ours: Workload, theirs: Workload): Benchmark {
  return async (options, report) => {
    const { transactionsPerSecond } = await measure(ruff, ours, options.count);
    for (const peer of options.geth ? [anvil, geth] : [anvil]) {
      const { transactionsPerSecond: peerFigure } = await measure(peer, theirs, options.count);
      report({
        name,
        figure: transactionsPerSecond,
        unit: "transactions/s",
        better: "higher",
        peer: peer.name,
        peerFigure,
        settings: loadSettings(options.count, ruff, peer),
      });
    }
  };
}
