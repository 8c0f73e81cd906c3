// Takes the place of hardhat.config.js in a checkout of OpenZeppelin Contracts (5.7.0): the same tests, on the node of node.js.
const { setTimeout: sleep } = require("node:timers/promises");
require("@nomicfoundation/hardhat-chai-matchers");
require("hardhat-exposed");
require("./hardhat/env-artifacts.js");
require("./hardhat/remappings.js");
require("./hardhat/skip-foundry-tests.js");
const { HDNodeWallet } = require("ethers");
const names = require("hardhat/builtin-tasks/task-names");
const { extendProvider, subtask } = require("hardhat/config");
const { ProviderWrapper } = require("hardhat/plugins");
const { version } = require("solc/package.json");

const mnemonic = "test test test test test test test test test test test junk";
const miner = HDNodeWallet.fromPhrase(mnemonic, undefined, "m/44'/60'/0'/0/24");
const MAX_MINED = 2_000;
/** Folders of contracts/ whose tests are run: the compiler of npm is slow. */
const folders = ["token/ERC20", "token/ERC721", "token/ERC1155", "mocks/token"];
const alone = ["mocks/ERC1271WalletMock", "mocks/CallReceiverMock"];

subtask(names.TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD, async () => ({
  version,
  longVersion: require("solc").version(),
  compilerPath: require.resolve("solc/soljson.js"),
  isSolcJs: true,
}));
subtask(names.TASK_COMPILE_SOLIDITY_GET_SOURCE_PATHS, async (_, __, runSuper) => {
  const kept = [...folders, ...alone].map((path) => `/contracts/${path}`);
  return (await runSuper()).filter((path) => [...kept, "contracts-exposed"].some((part) => path.includes(part)));
});

// A fixture would come back by a snapshot of Hardhat's own network: it is made anew for each test instead.
require("@nomicfoundation/hardhat-network-helpers/dist/src/loadFixture.js").loadFixture = (fixture) => fixture();

/** What Hardhat's own network does and a chain does not, as far as a clock and transactions can do it. */
class AsHardhat extends ProviderWrapper {
  #next;

  #ask(method, ...params) {
    return this._wrappedProvider.request({ method, params });
  }

  async #time() {
    return Number((await this.#ask("eth_getBlockByNumber", "latest", false)).timestamp);
  }

  /** A block with the one transaction, a second after the last or when a test has said. */
  async #send(raw) {
    await fetch(`http://127.0.0.1:18601/${this.#next ?? (await this.#time()) + 1}`);
    this.#next = undefined;
    const hash = await this.#ask("eth_sendRawTransaction", raw);
    while (!(await this.#ask("eth_getTransactionReceipt", hash))) await sleep(1);
    return hash;
  }

  async #pay(to, value) {
    const nonce = Number(await this.#ask("eth_getTransactionCount", miner.address, "latest"));
    const chainId = Number(await this.#ask("eth_chainId"));
    const fees = { gasLimit: 21_000, maxFeePerGas: 100_000_000_000n, maxPriorityFeePerGas: 1n, type: 2 };
    return this.#send(await miner.signTransaction({ to, value, nonce, chainId, ...fees }));
  }

  async request({ method, params = [] }) {
    const [first] = params;
    switch (method) {
      case "web3_clientVersion":
        return "HardhatNetwork";
      case "eth_sendRawTransaction":
        return this.#send(first);
      case "evm_setNextBlockTimestamp":
        this.#next = Number(first);
        return null;
      case "evm_increaseTime":
        this.#next = (await this.#time()) + Number(first);
        return String(this.#next);
      case "evm_mine":
        if (first) this.#next = Number(first);
        await this.#pay(miner.address, 0n);
        return "0x0";
      case "hardhat_mine":
        if (Number(first ?? 1) > MAX_MINED) throw new Error(`${first} blocks are too many`);
        for (let i = 0; i < Number(first ?? 1); i++) await this.#pay(miner.address, 0n);
        return true;
      case "hardhat_setBalance": {
        const missing = BigInt(params[1]) - BigInt(await this.#ask("eth_getBalance", first, "latest"));
        if (missing < 0n) throw new Error("nobody's money can be taken");
        if (missing > 0n) await this.#pay(first, missing);
        return true;
      }
      default:
        return this._wrappedProvider.request({ method, params });
    }
  }
}
extendProvider((provider) => new AsHardhat(provider));

module.exports = {
  solidity: {
    version,
    settings: {
      evmVersion: "osaka",
      // The least that compiles all of it.
      optimizer: {
        details: {
          peephole: true,
          jumpdestRemover: true,
          yul: true,
          yulDetails: { stackAllocation: true, optimizerSteps: "u:u" },
        },
      },
      outputSelection: { "*": { "*": ["storageLayout"] } },
    },
  },
  networks: { ruff: { url: "http://127.0.0.1:18600", accounts: { mnemonic, count: 20 } } },
  exposed: { imports: true, initializers: true, include: folders.map((path) => `${path}/**/*`) },
  mocha: { timeout: 120_000 },
};
