import { type BlockRecord, type FoundLog, type LogFilter, type LogRange, matchesLog } from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { formatLog } from "./format.js";
import { addressParam, blockParam, hashParam, keptBlockParam, listParam, objectParam } from "./params.js";
import { newPause } from "./pause.js";
import { quantity } from "./quantity.js";
import { invalidParams, RpcError, rpcCode } from "./rpc-error.js";

/** Most logs of more than one block that a search returns. */
export const MAX_LOG_RESULTS = 10_000;
/** Most entries of the index that a search reads: as many as its rarest address or topic has blocks, mostly. */
export const MAX_LOG_POSTINGS = 100_000;
/** Most addresses, or alternatives of one topic, in a filter. */
export const MAX_FILTER_ALTERNATIVES = 1_000;
/** Index entries and logs that a search reads before it looks whether others wait. */
const PIECE = { maxPostings: 4_000, maxLogs: 500 };

export type LogQuery = LogFilter & LogRange;

export function parseLogFilter(value: unknown): LogFilter {
  const { address, topics = [] } = objectParam(value, "filter");
  const positions = listParam(topics, "filter.topics");
  if (positions.length > 4) throw invalidParams("filter.topics: there are at most 4");
  return {
    addresses: alternatives(address, (item) => addressParam(item, "filter.address")),
    topics: positions.map((topic) => alternatives(topic, (item) => hashParam(item, "filter.topics"))),
  };
}

function alternatives<T>(value: unknown, parse: (item: unknown) => T): ReadonlySet<T> | undefined {
  if (value === undefined || value === null) return undefined;
  const items = Array.isArray(value) ? value : [value];
  if (items.length > MAX_FILTER_ALTERNATIVES) {
    throw new RpcError(rpcCode.limitExceeded, `a filter has at most ${MAX_FILTER_ALTERNATIVES} alternatives`);
  }
  return items.length === 0 ? undefined : new Set(items.map(parse));
}

/** A filter with the blocks to search. */
export function parseLogQuery(value: unknown, backend: Backend): LogQuery {
  const filter = parseLogFilter(value);
  const { fromBlock, toBlock, blockHash } = value as Record<string, unknown>;
  if (blockHash !== undefined && blockHash !== null) {
    if ((fromBlock ?? toBlock ?? undefined) !== undefined) {
      throw invalidParams("filter: cannot specify both blockHash and fromBlock/toBlock, choose one or the other");
    }
    const height = keptBlockParam({ blockHash }, backend);
    return { ...filter, from: height, to: height };
  }
  return { ...filter, from: keptBlockParam(fromBlock, backend), to: blockParam(toBlock, backend) };
}

/** Finds the logs by the index. Rejects with RpcError: a range that is not there, or one of the limits. */
export async function searchLogs(backend: Backend, query: LogQuery): Promise<ReturnType<typeof formatLog>[]> {
  const { blocks, head } = backend.application;
  if (query.from > query.to) throw invalidParams("invalid block range params");
  if (query.to > head.height) throw invalidParams("block range extends beyond current head block");
  const pause = newPause();
  const found: FoundLog[] = [];
  let postings = 0;
  for (let from: number | undefined = query.from; from !== undefined; ) {
    if (postings >= MAX_LOG_POSTINGS) {
      throw tooMuch(`query reads more than ${MAX_LOG_POSTINGS} entries of the index`, query.from, from - 1);
    }
    const { logs, next } = blocks.searchLogs(query, { from, to: query.to }, PIECE);
    found.push(...logs);
    const last = found.at(-1)?.block.number;
    if (found.length > MAX_LOG_RESULTS && found[0]?.block.number !== last) {
      const fitting = found.slice(0, MAX_LOG_RESULTS + 1).at(-1)?.block.number ?? query.from;
      throw tooMuch(`query returned more than ${MAX_LOG_RESULTS} results`, query.from, fitting - 1);
    }
    postings += PIECE.maxPostings;
    from = next;
    await pause();
  }
  return found.map(formatLog);
}

/** With a range that would do, in the words that indexers look for. */
function tooMuch(what: string, from: number, to: number): RpcError {
  const range = [quantity(from), quantity(Math.max(from, to))] as const;
  const message = `${what}. Try with this block range [${range.join(", ")}].`;
  return new RpcError(rpcCode.limitExceeded, message, { from: range[0], to: range[1] });
}

export function matchingLogs(block: BlockRecord, filter: LogFilter): ReturnType<typeof formatLog>[] {
  const { number, timestamp } = block.header;
  const place = { hash: block.hash, number, timestamp };
  let logIndex = 0;
  return block.transactions.flatMap((tx, transactionIndex) =>
    tx.logs.flatMap((log) => {
      const found = { block: place, log, transactionHash: tx.hash, transactionIndex, logIndex: logIndex++ };
      return matchesLog(log, filter) ? [formatLog(found)] : [];
    }),
  );
}
