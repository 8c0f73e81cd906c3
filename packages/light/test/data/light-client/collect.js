// Collects the vectors of this folder from two clones: node collect.js <cometbft/cometbft> <informalsystems/tendermint-rs>
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

const [cometbft, tendermintRs] = process.argv.slice(2);
const singleStep = "light-client/tests/support/model_based/single_step/";
const sources = [
  ["cometbft-mbt", cometbft, "7878ca6a8a358823984f20c26dcd19d93cace4c1", "light/mbt/json/"],
  ["tendermint-rs-mbt", tendermintRs, "a38e9f5fab319e7c910b99dcdf3ced6f67da12f2", singleStep],
];
/** What the generators keep for themselves. */
const dropped = ["testgen_block", "proposer_priority", "proposer", "provider"];

for (const [name, clone, commit, path] of sources) {
  const git = (...args) => execFileSync("git", ["-C", clone, ...args], { encoding: "utf8", maxBuffer: 1e9 });
  const files = git("ls-tree", "--name-only", commit, path).match(/\S+\.json$/gm);
  const cases = files.map((file) => {
    const vector = { file: file.slice(path.length), ...JSON.parse(git("show", `${commit}:${file}`)) };
    return JSON.stringify(vector, (key, value) => (dropped.includes(key) ? undefined : value));
  });
  writeFileSync(new URL(`${name}.json`, import.meta.url), `[\n${cases.join(",\n")}\n]\n`);
}
