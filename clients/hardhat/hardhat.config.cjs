const { join } = require("node:path");
const { setTimeout: sleep } = require("node:timers/promises");
require("@nomicfoundation/hardhat-chai-matchers");
const { TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD } = require("hardhat/builtin-tasks/task-names");
const { extendProvider, subtask } = require("hardhat/config");
const { ProviderWrapper } = require("hardhat/plugins");
const { version } = require("solc/package.json");

const POLL_MS = 10;

// The compiler of npm: Hardhat would download one.
subtask(TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD, async () => ({
  version,
  longVersion: require("solc").version(),
  compilerPath: require.resolve("solc/soljson.js"),
  isSolcJs: true,
}));

// Tests of contracts are written for Hardhat's own network, where what has been sent is in a block at once.
class Mined extends ProviderWrapper {
  async request({ method, params }) {
    const result = await this._wrappedProvider.request({ method, params });
    if (method === "eth_sendRawTransaction") {
      const receipt = { method: "eth_getTransactionReceipt", params: [result] };
      while (!(await this._wrappedProvider.request(receipt))) await sleep(POLL_MS);
    }
    return result;
  }
}
extendProvider((provider) => new Mined(provider));

const made = process.env.HARDHAT_OUT;

module.exports = {
  ...(made && { paths: { artifacts: join(made, "artifacts"), cache: join(made, "cache") } }),
  solidity: { version, settings: { evmVersion: "osaka", optimizer: { enabled: true, runs: 200 } } },
  mocha: {
    ...(made && { reporter: "json", reporterOptions: { output: join(made, "report.json") } }),
    // These want contracts mocked by a library that works with the version of ethers before.
    grep: /does not accept|invalid ERC1155Receiver|receiver rejects|"call".*(value to target|forwards return)|target contract/,
    invert: true,
  },
  networks: { ruff: { url: process.env.RUFF_RPC, accounts: { mnemonic: process.env.RUFF_MNEMONIC } } },
};
