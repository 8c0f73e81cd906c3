import type { Address } from "@ruffchain/abi";
import type { BlockRecord, LogFilter, Transaction } from "@ruffchain/kernel";
import { formatHeader, formatPending } from "./format.js";
import { matchingLogs, parseLogFilter } from "./log-filter.js";
import type { Methods } from "./method.js";
import { randomId } from "./random-id.js";
import { invalidParams, RpcError, rpcCode } from "./rpc-error.js";

/** Most subscriptions of one connection. */
export const MAX_SUBSCRIPTIONS = 100;

type Subscription =
  | { readonly on: "newHeads" }
  | { readonly on: "newPendingTransactions"; readonly full: boolean }
  | { readonly on: "logs"; readonly filter: LogFilter };

/** The subscriptions of one WebSocket connection (eth_subscribe). */
export class Subscriptions {
  readonly #send: (text: string) => void;
  readonly #active = new Map<string, Subscription>();

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  readonly methods: Methods = {
    eth_subscribe: ([on, filter = {}]) => {
      if (this.#active.size >= MAX_SUBSCRIPTIONS) {
        throw new RpcError(rpcCode.limitExceeded, `a connection has at most ${MAX_SUBSCRIPTIONS} subscriptions`);
      }
      const id = randomId();
      if (on === "logs") this.#active.set(id, { on, filter: parseLogFilter(filter) });
      else if (on === "newHeads") this.#active.set(id, { on });
      else if (on === "newPendingTransactions") this.#active.set(id, { on, full: filter === true });
      else throw invalidParams("subscription: expected newHeads, logs or newPendingTransactions");
      return id;
    },
    eth_unsubscribe: ([id]) => this.#active.delete(id as string),
  };

  onBlock(block: BlockRecord): void {
    for (const [id, subscription] of this.#active) {
      if (subscription.on === "newHeads") this.#notify(id, formatHeader(block.header, block.hash));
      if (subscription.on === "logs") for (const log of matchingLogs(block, subscription.filter)) this.#notify(id, log);
    }
  }

  onPending(tx: Transaction, sender: Address): void {
    for (const [id, subscription] of this.#active) {
      if (subscription.on !== "newPendingTransactions") continue;
      this.#notify(id, subscription.full ? formatPending(tx, sender) : tx.hash);
    }
  }

  #notify(subscription: string, result: unknown): void {
    this.#send(JSON.stringify({ jsonrpc: "2.0", method: "eth_subscription", params: { subscription, result } }));
  }
}
