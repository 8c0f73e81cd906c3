// Compiles contracts/ into build/: input.json is what a verifier needs, <Name>.json the ABI and the creation code.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const solc = require("solc");

/** Every source by the name that others import it by. */
const sources = {};
function add(path, file) {
  if (sources[path]) return;
  const content = readFileSync(file, "utf8");
  sources[path] = { content };
  for (const [, to] of content.matchAll(/^import .*"(.+)";/gm)) {
    const imported = to.startsWith(".") ? new URL(to, `file:///${path}`).pathname.slice(1) : to;
    add(imported, imported.startsWith("contracts/") ? imported : require.resolve(imported));
  }
}
for (const name of readdirSync("contracts")) add(`contracts/${name}`, `contracts/${name}`);

const input = {
  language: "Solidity",
  sources,
  settings: {
    evmVersion: "osaka",
    optimizer: { enabled: true, runs: 200 },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
for (const { formattedMessage } of output.errors ?? []) console.error(formattedMessage);
if (output.errors?.some(({ severity }) => severity === "error")) process.exit(1);

mkdirSync("build", { recursive: true });
writeFileSync("build/input.json", JSON.stringify(input));
for (const [path, contracts] of Object.entries(output.contracts)) {
  if (!path.startsWith("contracts/")) continue;
  for (const [name, { abi, evm }] of Object.entries(contracts)) {
    writeFileSync(`build/${name}.json`, JSON.stringify({ abi, bytecode: `0x${evm.bytecode.object}` }));
  }
}
