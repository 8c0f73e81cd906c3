import { setTimeout as sleep } from "node:timers/promises";
import { DEVELOPMENT_CHAIN_ID } from "@ruffchain/node";
import { type Address, type Hex, keccak256 } from "viem";
import { developmentAccount } from "../../dist/account.js";
import { Refusal, type TestNetwork, type Validator } from "./validators.js";

/** Accounts that operate no validator. */
const PAYERS = [4, 5, 6, 7, 8, 9];
const BATCH = 20;
/** After so long without a receipt a batch is sent to another validator. */
const PATIENCE_MS = 3_000;
const POLL_MS = 50;
const GWEI = 10n ** 9n;
/** What a validator answers that has it from another one already. */
const KNOWN = /already known|nonce too low/;
/** What one answers that has not caught up. */
const BEHIND = /nonce too high/;

type Account = ReturnType<typeof developmentAccount>;

export function payment(from: Account, nonce: number, to: Address, value: bigint): Promise<Hex> {
  const fees = { maxFeePerGas: 1_000n * GWEI, maxPriorityFeePerGas: GWEI, gas: 21_000n };
  return from.signTransaction({ type: "eip1559", chainId: DEVELOPMENT_CHAIN_ID, nonce, to, value, ...fees });
}

/** Payments all the time, in batches to validators taken at random; who does not confirm in time is not asked again. */
export class Payments {
  /** The block of each payment whose receipt was read. */
  readonly confirmed = new Map<Hex, Hex>();
  readonly #network: TestNetwork;
  readonly #payers: Promise<void>[];
  #stopping = false;

  constructor(network: TestNetwork) {
    this.#network = network;
    this.#payers = PAYERS.map((index) => this.#payAll(developmentAccount(index)));
  }

  /** Ends when what has been sent is confirmed. Rejects where a payment was refused. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#payers);
  }

  async #payAll(payer: Account): Promise<void> {
    let nonce = await this.#nonce(payer.address);
    const to = developmentAccount(0).address;
    while (!this.#stopping) {
      const batch = await Promise.all(Array.from({ length: BATCH }, (_, i) => payment(payer, nonce + i, to, 1n)));
      nonce += BATCH;
      while (!(await this.#confirm(batch))) await sleep(POLL_MS);
    }
  }

  async #nonce(address: Address): Promise<number> {
    for (;;) {
      const nonce = await whereItAnswers(() => this.#any().call<Hex>("eth_getTransactionCount", address, "latest"));
      if (nonce !== undefined) return Number(nonce);
    }
  }

  /** Sends a batch to one validator; whether that confirms all of it in time. */
  async #confirm(batch: readonly Hex[]): Promise<boolean> {
    const validator = this.#any();
    const hashes = await whereItAnswers(() =>
      validator.calls<Hex>(batch.map((raw) => ["eth_sendRawTransaction", raw])),
    );
    if (!hashes) return false;
    for (const answer of hashes)
      if (answer instanceof Refusal) {
        if (BEHIND.test(answer.message)) return false;
        if (!KNOWN.test(answer.message)) throw answer;
      }
    const receiptCalls = batch.map((raw) => ["eth_getTransactionReceipt", keccak256(raw)] as const);
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
      const receipts = await whereItAnswers(() =>
        validator.calls<{ transactionHash: Hex; blockHash: Hex }>(receiptCalls),
      );
      if (!receipts) return false;
      const found = receipts.flatMap((receipt) => (receipt && !(receipt instanceof Refusal) ? receipt : []));
      for (const { transactionHash, blockHash } of found) this.confirmed.set(transactionHash, blockHash);
      if (found.length === batch.length) return true;
      await sleep(POLL_MS);
    }
    return false;
  }

  #any(): Validator {
    const { running } = this.#network;
    return running[Math.floor(Math.random() * running.length)] as Validator;
  }
}

/** Undefined where the validator is gone, or about to go. */
async function whereItAnswers<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return undefined;
  }
}
