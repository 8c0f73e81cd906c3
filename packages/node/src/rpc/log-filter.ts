import type { Address, Hex } from "@ruffchain/abi";
import { type BlockRecord, type Log, logsBloom } from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { formatLog } from "./format.js";
import { addressParam, blockParam, hashParam, keptBlockParam } from "./params.js";
import { invalidParams, RpcError, rpcCode } from "./rpc-error.js";

/** Most blocks that one search of logs may span. */
export const MAX_LOG_RANGE = 10_000;
/** Most logs that one search returns. */
export const MAX_LOG_RESULTS = 10_000;
/** Most addresses, or alternatives of one topic, in a filter. */
export const MAX_FILTER_ALTERNATIVES = 100;

export interface LogFilter {
  /** Any of these; undefined is every address. */
  readonly addresses: ReadonlySet<Address> | undefined;
  /** Alternatives by position; undefined is any. */
  readonly topics: readonly (ReadonlySet<Hex> | undefined)[];
}

export interface LogQuery extends LogFilter {
  readonly from: number;
  readonly to: number;
}

export function parseLogFilter(value: unknown): LogFilter {
  if (typeof value !== "object" || value === null) throw invalidParams("filter: expected an object");
  const { address, topics = [] } = value as { address?: unknown; topics?: unknown };
  if (!Array.isArray(topics) || topics.length > 4) throw invalidParams("filter.topics: expected a list of at most 4");
  return {
    addresses: alternatives(address, (item) => addressParam(item, "filter.address")),
    topics: topics.map((topic) => alternatives(topic, (item) => hashParam(item, "filter.topics"))),
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
  if (blockHash !== undefined) {
    const height = blockParam({ blockHash }, backend);
    return { ...filter, from: height, to: height };
  }
  return { ...filter, from: keptBlockParam(fromBlock, backend), to: blockParam(toBlock, backend) };
}

export function searchLogs(backend: Backend, query: LogQuery): ReturnType<typeof formatLog>[] {
  const { blocks, head } = backend.application;
  const last = Math.min(query.to, head.height);
  if (last - query.from >= MAX_LOG_RANGE) {
    throw new RpcError(rpcCode.limitExceeded, `a search spans at most ${MAX_LOG_RANGE} blocks: ask for less at a time`);
  }
  const found: ReturnType<typeof formatLog>[] = [];
  for (let height = query.from; height <= last; height++) {
    const header = blocks.header(height);
    if (!header || !mayContain(header.logsBloom, query)) continue;
    const block = blocks.block(height);
    if (block) found.push(...matchingLogs(block, query));
    if (found.length > MAX_LOG_RESULTS) {
      throw new RpcError(rpcCode.limitExceeded, `more than ${MAX_LOG_RESULTS} logs match: ask for fewer blocks`);
    }
  }
  return found;
}

export function matchingLogs(block: BlockRecord, filter: LogFilter): ReturnType<typeof formatLog>[] {
  return block.transactions.flatMap((tx, index) =>
    tx.logs.flatMap((log, i) => (matches(log, filter) ? [formatLog(block, index, i)] : [])),
  );
}

function matches(log: Log, { addresses, topics }: LogFilter): boolean {
  if (addresses && !addresses.has(log.address)) return false;
  return topics.every(
    (wanted, i) => wanted === undefined || (log.topics[i] !== undefined && wanted.has(log.topics[i] as Hex)),
  );
}

/** Whether a block with this bloom may have a matching log: each condition has an alternative whose bits are all set. */
function mayContain(bloom: Uint8Array, { addresses, topics }: LogFilter): boolean {
  const conditions = [
    ...(addresses ? [[...addresses].map(bloomOf)] : []),
    ...topics.flatMap((wanted) => (wanted ? [[...wanted].map(bloomOf)] : [])),
  ];
  return conditions.every((any) => any.some((bits) => bits.every((byte, i) => (byte & (bloom[i] as number)) === byte)));
}

const NO_BYTES = new Uint8Array(0);

/** A bloom takes addresses and topics alike: the bits of one are those of a log that has nothing else. */
function bloomOf(item: Hex): Uint8Array {
  return logsBloom([{ address: item, topics: [], data: NO_BYTES }]);
}
