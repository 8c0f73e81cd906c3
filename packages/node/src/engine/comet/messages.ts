import {
  bigInteger,
  boolean,
  bytes,
  field,
  integer,
  type Message,
  message,
  optional,
  ProtobufError,
  packedIntegers,
  Reader,
  repeated,
  required,
  string,
  timestamp,
  type ValueOf,
  Writer,
} from "./protobuf.js";

// The messages of ABCI 2.0 as CometBFT v0.40 speaks it (tendermint.abci), with the fields that a node reads or writes.

const nothing = message<Record<never, never>>({});

const publicKey = message<{ ed25519: Uint8Array }>({ ed25519: required(1, bytes) });
const validatorUpdate = message<{ publicKey: ValueOf<typeof publicKey>; power: bigint }>({
  publicKey: required(1, publicKey),
  power: field(2, bigInteger),
});
const blockParams = message<{ maxBytes: number; maxGas: number }>({
  maxBytes: field(1, integer),
  maxGas: field(2, integer),
});
const consensusParams = message<{ block: ValueOf<typeof blockParams> | undefined }>({
  block: optional(1, blockParams),
});
const validator = message<{ address: Uint8Array; power: bigint }>({
  address: field(1, bytes),
  power: field(3, bigInteger),
});
const voteInfo = message<{ validator: ValueOf<typeof validator>; blockIdFlag: number }>({
  validator: required(1, validator),
  blockIdFlag: field(3, integer),
});
const extendedVoteInfo = message<ValueOf<typeof voteInfo>>({
  validator: required(1, validator),
  blockIdFlag: field(5, integer),
});
const commitInfo = message<{ round: number; votes: readonly ValueOf<typeof voteInfo>[] }>({
  round: field(1, integer),
  votes: repeated(2, voteInfo),
});
const extendedCommitInfo = message<ValueOf<typeof commitInfo>>({
  round: field(1, integer),
  votes: repeated(2, extendedVoteInfo),
});
const misbehavior = message<{
  type: number;
  validator: ValueOf<typeof validator>;
  height: number;
  time: bigint;
  totalVotingPower: bigint;
}>({
  type: field(1, integer),
  validator: required(2, validator),
  height: field(3, integer),
  time: required(4, timestamp),
  totalVotingPower: field(5, bigInteger),
});
const snapshot = message<{
  height: number;
  format: number;
  chunks: number;
  hash: Uint8Array;
  metadata: Uint8Array;
}>({
  height: field(1, integer),
  format: field(2, integer),
  chunks: field(3, integer),
  hash: field(4, bytes),
  metadata: field(5, bytes),
});
const txResult = message<{ code: number; data: Uint8Array; gasWanted: number; gasUsed: number }>({
  code: field(1, integer),
  data: field(2, bytes),
  gasWanted: field(5, integer),
  gasUsed: field(6, integer),
});
const proofOp = message<{ type: string; key: Uint8Array; data: Uint8Array }>({
  type: field(1, string),
  key: field(2, bytes),
  data: field(3, bytes),
});
const proofOps = message<{ ops: readonly ValueOf<typeof proofOp>[] }>({ ops: repeated(1, proofOp) });

interface Proposal {
  txs: readonly Uint8Array[];
  misbehavior: readonly ValueOf<typeof misbehavior>[];
  height: number;
  time: bigint;
  nextValidatorsHash: Uint8Array;
  proposerAddress: Uint8Array;
}
type DecidedProposal = Proposal & { lastCommit: ValueOf<typeof commitInfo>; hash: Uint8Array };
const decidedProposal = message<DecidedProposal>({
  txs: repeated(1, bytes),
  lastCommit: required(2, commitInfo),
  misbehavior: repeated(3, misbehavior),
  hash: field(4, bytes),
  height: field(5, integer),
  time: required(6, timestamp),
  nextValidatorsHash: field(7, bytes),
  proposerAddress: field(8, bytes),
});

/** Every request with its number in the oneof, and its response with its own. */
const methods = {
  echo: {
    request: [1, message<{ message: string }>({ message: field(1, string) })],
    response: [2, message<{ message: string }>({ message: field(1, string) })],
  },
  flush: { request: [2, nothing], response: [3, nothing] },
  info: {
    request: [3, message<{ version: string }>({ version: field(1, string) })],
    response: [
      4,
      message<{
        data: string;
        version: string;
        appVersion: number;
        lastBlockHeight: number;
        lastBlockAppHash: Uint8Array;
      }>({
        data: field(1, string),
        version: field(2, string),
        appVersion: field(3, integer),
        lastBlockHeight: field(4, integer),
        lastBlockAppHash: field(5, bytes),
      }),
    ],
  },
  initChain: {
    request: [
      5,
      message<{
        time: bigint;
        chainId: string;
        consensusParams: ValueOf<typeof consensusParams> | undefined;
        validators: readonly ValueOf<typeof validatorUpdate>[];
        appStateBytes: Uint8Array;
        initialHeight: number;
      }>({
        time: required(1, timestamp),
        chainId: field(2, string),
        consensusParams: optional(3, consensusParams),
        validators: repeated(4, validatorUpdate),
        appStateBytes: field(5, bytes),
        initialHeight: field(6, integer),
      }),
    ],
    response: [
      6,
      message<{ validators: readonly ValueOf<typeof validatorUpdate>[]; appHash: Uint8Array }>({
        validators: repeated(2, validatorUpdate),
        appHash: field(3, bytes),
      }),
    ],
  },
  query: {
    request: [
      6,
      message<{ data: Uint8Array; path: string; height: number; prove: boolean }>({
        data: field(1, bytes),
        path: field(2, string),
        height: field(3, integer),
        prove: field(4, boolean),
      }),
    ],
    response: [
      7,
      message<{
        code: number;
        log: string;
        key: Uint8Array;
        value: Uint8Array;
        proofOps: ValueOf<typeof proofOps> | undefined;
        height: number;
      }>({
        code: field(1, integer),
        log: field(3, string),
        key: field(6, bytes),
        value: field(7, bytes),
        proofOps: optional(8, proofOps),
        height: field(9, integer),
      }),
    ],
  },
  checkTx: {
    request: [8, message<{ tx: Uint8Array; type: number }>({ tx: field(1, bytes), type: field(2, integer) })],
    response: [
      9,
      message<{ code: number; log: string; gasWanted: number }>({
        code: field(1, integer),
        log: field(3, string),
        gasWanted: field(5, integer),
      }),
    ],
  },
  commit: {
    request: [11, nothing],
    response: [12, message<{ retainHeight: number }>({ retainHeight: field(3, integer) })],
  },
  listSnapshots: {
    request: [12, nothing],
    response: [13, message<{ snapshots: readonly ValueOf<typeof snapshot>[] }>({ snapshots: repeated(1, snapshot) })],
  },
  offerSnapshot: {
    request: [
      13,
      message<{ snapshot: ValueOf<typeof snapshot> | undefined; appHash: Uint8Array }>({
        snapshot: optional(1, snapshot),
        appHash: field(2, bytes),
      }),
    ],
    response: [14, message<{ result: number }>({ result: field(1, integer) })],
  },
  loadSnapshotChunk: {
    request: [
      14,
      message<{ height: number; format: number; chunk: number }>({
        height: field(1, integer),
        format: field(2, integer),
        chunk: field(3, integer),
      }),
    ],
    response: [15, message<{ chunk: Uint8Array }>({ chunk: field(1, bytes) })],
  },
  applySnapshotChunk: {
    request: [
      15,
      message<{ index: number; chunk: Uint8Array; sender: string }>({
        index: field(1, integer),
        chunk: field(2, bytes),
        sender: field(3, string),
      }),
    ],
    response: [
      16,
      message<{ result: number; refetchChunks: readonly number[]; rejectSenders: readonly string[] }>({
        result: field(1, integer),
        refetchChunks: field(2, packedIntegers),
        rejectSenders: repeated(3, string),
      }),
    ],
  },
  prepareProposal: {
    request: [
      16,
      message<Proposal & { maxTxBytes: number; localLastCommit: ValueOf<typeof commitInfo> }>({
        maxTxBytes: field(1, integer),
        txs: repeated(2, bytes),
        localLastCommit: required(3, extendedCommitInfo),
        misbehavior: repeated(4, misbehavior),
        height: field(5, integer),
        time: required(6, timestamp),
        nextValidatorsHash: field(7, bytes),
        proposerAddress: field(8, bytes),
      }),
    ],
    response: [17, message<{ txs: readonly Uint8Array[] }>({ txs: repeated(1, bytes) })],
  },
  processProposal: {
    request: [17, decidedProposal],
    response: [18, message<{ status: number }>({ status: field(1, integer) })],
  },
  finalizeBlock: {
    request: [20, decidedProposal],
    response: [
      21,
      message<{
        txResults: readonly ValueOf<typeof txResult>[];
        validatorUpdates: readonly ValueOf<typeof validatorUpdate>[];
        consensusParamUpdates: ValueOf<typeof consensusParams> | undefined;
        appHash: Uint8Array;
      }>({
        txResults: repeated(2, txResult),
        validatorUpdates: repeated(3, validatorUpdate),
        consensusParamUpdates: optional(4, consensusParams),
        appHash: field(5, bytes),
      }),
    ],
  },
  insertTx: {
    request: [21, message<{ tx: Uint8Array }>({ tx: field(1, bytes) })],
    response: [22, message<{ code: number }>({ code: field(1, integer) })],
  },
  reapTxs: {
    request: [
      22,
      message<{ maxBytes: number; maxGas: number }>({ maxBytes: field(1, integer), maxGas: field(2, integer) }),
    ],
    response: [23, message<{ txs: readonly Uint8Array[] }>({ txs: repeated(1, bytes) })],
  },
} as const;

type Methods = typeof methods;
export type MethodName = keyof Methods;
export type RequestOf<N extends MethodName> = ValueOf<Methods[N]["request"][1]>;
export type ResponseOf<N extends MethodName> = ValueOf<Methods[N]["response"][1]>;

/** A request, taken out of the oneof. */
export type AbciRequest = { [N in MethodName]: { readonly method: N; readonly value: RequestOf<N> } }[MethodName];

type AnyMessage = Message<object>;
const byNumber = new Map(
  Object.entries(methods).map(([method, { request }]) => [request[0] as number, { method, codec: request[1] }]),
);
const exception = message<{ error: string }>({ error: field(1, string) });
const EXCEPTION = 1;
const LENGTH_DELIMITED = 2;

/** Reads a Request. Throws ProtobufError, also for a request that there is not. */
export function decodeRequest(encoded: Uint8Array): AbciRequest {
  const reader = new Reader(encoded);
  const tag = reader.done ? 0 : reader.integer();
  const known = byNumber.get(Math.floor(tag / 8));
  if (!known || tag % 8 !== LENGTH_DELIMITED) throw new ProtobufError(`there is no request with the tag ${tag}`);
  const value = (known.codec as AnyMessage).read(reader);
  if (!reader.done) throw new ProtobufError("something follows the request");
  return { method: known.method, value } as unknown as AbciRequest;
}

/** A Response with its length before it. */
export function encodeResponse<N extends MethodName>(method: N, value: ResponseOf<N>): Uint8Array {
  const [number, codec] = methods[method].response as unknown as readonly [number, AnyMessage];
  return frame(number, codec, value as object);
}

/** The Response that ends CometBFT, with its length before it. */
export function encodeException(error: string): Uint8Array {
  return frame(EXCEPTION, exception, { error });
}

function frame<T>(number: number, codec: Message<T>, value: T): Uint8Array {
  const writer = new Writer();
  writer.delimited(() => {
    writer.tag(number, LENGTH_DELIMITED);
    codec.write(writer, value);
  });
  return writer.finish();
}
