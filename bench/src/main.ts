import { parseArgs } from "node:util";
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

const DEFAULT_COUNT = 20_000;

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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: "string", default: String(DEFAULT_COUNT) }, peer: { type: "string" } },
});
const names =
  positionals.length > 0 ? positionals : Object.keys(benchmarks).filter((name) => !ON_DEMAND.includes(name));
const unknown = names.filter((name) => !(name in benchmarks));
const count = Number(values.count);
const known = Object.keys(benchmarks).join(" ");
if (unknown.length > 0 || !(count >= 1000) || (values.peer !== undefined && values.peer !== "geth")) {
  process.stderr.write(`usage: npm run bench -- [${known}] [--peer geth] [--count at least 1000]\n`);
  process.exit(1);
}
for (const name of names) await benchmarks[name]?.({ count, geth: values.peer === "geth" }, printResult);
