import type { BlockRecord, Transaction } from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { type LogQuery, MAX_LOG_RESULTS, matchingLogs, parseLogQuery, searchLogs } from "./log-filter.js";
import type { Methods } from "./method.js";
import { randomId } from "./random-id.js";
import { RpcError, rpcCode } from "./rpc-error.js";

/** Most filters at a time. */
export const MAX_FILTERS = 1_000;
/** A filter that nobody asked for so long is dropped. */
export const FILTER_LIFETIME_MS = 5 * 60_000;

interface Filter {
  changes: unknown[];
  /** What new blocks are looked for. */
  readonly query?: LogQuery;
  /** As the client gave it. */
  readonly asked?: unknown;
  readonly on: "logs" | "blocks" | "pending";
  askedAt: number;
}

/** The filters that clients poll (eth_newFilter and its kin). */
export class Filters {
  readonly #filters = new Map<string, Filter>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  onBlock(block: BlockRecord): void {
    this.#expire();
    for (const filter of this.#filters.values()) {
      if (filter.on === "blocks") this.#add(filter, [block.hash]);
      const { query } = filter;
      if (!query || block.header.number < query.from || block.header.number > query.to) continue;
      this.#add(filter, matchingLogs(block, query));
    }
  }

  onPending(tx: Transaction): void {
    for (const filter of this.#filters.values()) if (filter.on === "pending") this.#add(filter, [tx.hash]);
  }

  get methods(): Methods {
    return {
      eth_newFilter: ([value], backend) => {
        const query = parseLogQuery(value, backend);
        const { fromBlock, toBlock } = value as { fromBlock?: unknown; toBlock?: unknown };
        const from = isNewest(fromBlock) ? 0 : query.from;
        const to = isNewest(toBlock) ? Number.POSITIVE_INFINITY : query.to;
        return this.#create({ on: "logs", query: { ...query, from, to }, asked: value });
      },
      eth_newBlockFilter: () => this.#create({ on: "blocks" }),
      eth_newPendingTransactionFilter: () => this.#create({ on: "pending" }),
      eth_getFilterChanges: ([id]) => {
        const filter = this.#find(id);
        const { changes } = filter;
        filter.changes = [];
        return changes;
      },
      eth_getFilterLogs: ([id], backend: Backend) => {
        const { on, asked } = this.#find(id);
        if (on !== "logs") throw new RpcError(rpcCode.invalidInput, "this filter is not one of logs");
        const query = parseLogQuery(asked, backend);
        return searchLogs(backend, { ...query, to: Math.min(query.to, backend.application.head.height) });
      },
      eth_uninstallFilter: ([id]) => this.#filters.delete(id as string),
    };
  }

  #create(filter: Pick<Filter, "on" | "query" | "asked">): string {
    this.#expire();
    if (this.#filters.size >= MAX_FILTERS)
      throw new RpcError(rpcCode.limitExceeded, `there are ${MAX_FILTERS} filters already`);
    const id = randomId();
    this.#filters.set(id, { ...filter, changes: [], askedAt: this.#now() });
    return id;
  }

  #find(id: unknown): Filter {
    const filter = this.#filters.get(id as string);
    if (!filter) throw new RpcError(rpcCode.invalidInput, "filter not found: it may have expired");
    filter.askedAt = this.#now();
    return filter;
  }

  /** A filter that is not fetched keeps its newest results only. */
  #add(filter: Filter, results: readonly unknown[]): void {
    filter.changes.push(...results);
    if (filter.changes.length > MAX_LOG_RESULTS) filter.changes = filter.changes.slice(-MAX_LOG_RESULTS);
  }

  #expire(): void {
    const oldest = this.#now() - FILTER_LIFETIME_MS;
    for (const [id, filter] of this.#filters) if (filter.askedAt < oldest) this.#filters.delete(id);
  }
}

/** Whether a filter's end moves on with the chain. */
function isNewest(tag: unknown): boolean {
  return tag === undefined || tag === null || tag === "latest" || tag === "pending";
}
