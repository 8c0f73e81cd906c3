import { readCommandLine, UsageError, usage } from "./command-line.js";
import { progress } from "./progress.js";
import { type Benchmark, inTurn, printResult } from "./result.js";
import { accessGrant } from "./results/access-grant.js";
import { anchorsOnChain } from "./results/anchors-on-chain.js";
import { compareLoads } from "./results/compare-loads.js";
import { gasPrices } from "./results/gas-prices.js";
import { lightClient } from "./results/light-client.js";
import { nativeTransfers } from "./results/native-transfers.js";
import { networkOperation } from "./results/network-operation.js";
import { networks } from "./results/networks.js";
import { rentals } from "./results/rentals.js";
import { signedReadings } from "./results/signed-readings.js";
import { stateGrowth } from "./results/state-growth.js";
import { nativeTokenTransfers, solidityTokenTransfers } from "./results/token-transfers.js";

const benchmarks: Readonly<Record<string, Benchmark>> = {
  a: compareLoads("a: native transfers over JSON-RPC", nativeTransfers, nativeTransfers),
  b: compareLoads("b: token transfers over JSON-RPC", nativeTokenTransfers, solidityTokenTransfers),
  c: rentals,
  d: inTurn(signedReadings, anchorsOnChain),
  e: inTurn(accessGrant, lightClient),
  f: stateGrowth,
  g: gasPrices,
  n: networks,
  o: networkOperation,
};
/** Need Go, and programs built by it: only when asked for. */
const ON_DEMAND = ["n", "o"];

const known = Object.keys(benchmarks);

function commandLine() {
  try {
    return readCommandLine(process.argv.slice(2), known);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n${usage(known)}`);
    return process.exit(2);
  }
}

const { names, help, ...options } = commandLine();
if (help) {
  process.stdout.write(usage(known));
  process.exit();
}
for (const name of names.length > 0 ? names : known.filter((each) => !ON_DEMAND.includes(each))) {
  try {
    await benchmarks[name]?.(options, printResult);
  } catch (error) {
    progress(`${name}: failed: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
