// Plain JavaScript, loaded with --import before `ruff node`: makes it a validator that does not follow the rules, in the
// way that RUFF_DISHONEST says. Its CometBFT is the real one.
import { Application } from "@ruffchain/kernel";
import { Mempool } from "@ruffchain/node";
import { hexToBytes, keccak256, serializeTransaction, toHex } from "viem";

const FLOOD_BATCH = 50;
const FLOOD_INTERVAL_MS = 50;
const GWEI = 10n ** 9n;

const ways = {
  /** Proposes blocks with something in them that is no transaction, and votes for them. */
  proposer() {
    Application.prototype.prepareProposal = async () => ({ txs: [Buffer.from("garbage")], refused: [] });
    Application.prototype.processProposal = async () => ({ accepted: true });
  },

  /** Sends its peers transactions that look fine and pay well, of accounts that have nothing. */
  flood() {
    const { onPending, has } = Mempool.prototype;
    const sent = new Set();
    let count = 0;
    const worthless = () => {
      count++;
      const fees = { maxFeePerGas: 1_000n * GWEI, maxPriorityFeePerGas: 50n * GWEI, gas: 21_000n };
      const tx = {
        type: "eip1559",
        chainId: 7833,
        nonce: 0,
        to: toHex(1n, { size: 20 }),
        value: BigInt(count),
        ...fees,
      };
      const [r, s] = [7_919n, 104_729n].map((factor) => toHex(BigInt(count) * factor + 1n, { size: 32 }));
      const raw = hexToBytes(serializeTransaction(tx, { r, s, yParity: count % 2 }));
      return { raw, hash: keccak256(raw) };
    };
    Mempool.prototype.has = function (hash) {
      return sent.delete(hash) || has.call(this, hash);
    };
    Mempool.prototype.onPending = function (listener) {
      setInterval(() => {
        for (let i = 0; i < FLOOD_BATCH; i++) {
          const tx = worthless();
          sent.add(tx.hash);
          listener(tx);
        }
      }, FLOOD_INTERVAL_MS).unref();
      return onPending.call(this, listener);
    };
  },
};

ways[process.env.RUFF_DISHONEST]();
