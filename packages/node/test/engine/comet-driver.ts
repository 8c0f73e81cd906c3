import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Request, Response } from "cosmjs-types/tendermint/abci/types";
import { startTestNode, type TestNode, type TestNodeOptions } from "../running-node.js";
import { AbciClient, framed } from "./abci-client.js";

/** One of the requests, with what matters of it. */
type Asked = { readonly [N in keyof Request]?: object };
const MAX_TX_BYTES = 20_000_000n;

export interface Block {
  readonly txs: readonly Uint8Array[];
  readonly height: bigint;
  readonly time: { readonly seconds: bigint; readonly nanos: number };
  readonly hash: Uint8Array;
}

/** A node whose CometBFT is played by the test: it says which blocks are proposed, decided and committed. */
export async function startDrivenNode(options: TestNodeOptions = {}) {
  const sockets = mkdtempSync(join(tmpdir(), "ruff-driven-"));
  const [abci, rpc] = [join(sockets, "abci.sock"), join(sockets, "rpc.sock")];
  const health = createServer((_, response) => response.end('{"result":{}}'));
  await new Promise<void>((resolve) => {
    health.listen(rpc, resolve);
  });
  const chain = await startTestNode({ ...options, comet: { abci: `unix://${abci}`, rpc: `unix://${rpc}` } });
  return {
    chain,
    comet: new CometDriver(abci, chain),
    close: async (keepData = false) => {
      if (keepData) await chain.node.stop();
      else await chain.close();
      health.close();
      rmSync(sockets, { recursive: true });
    },
  };
}

/** What CometBFT asks over its four connections, by message types that are not ours where there are such. */
export class CometDriver {
  readonly #chain: TestNode;
  readonly #connections: { readonly query: AbciClient; readonly mempool: AbciClient; readonly consensus: AbciClient };
  #blocks = 0;

  constructor(path: string, chain: TestNode) {
    const [query, , mempool, consensus] = Array.from({ length: 4 }, () => new AbciClient({ path })) as [
      AbciClient,
      AbciClient,
      AbciClient,
      AbciClient,
    ];
    this.#chain = chain;
    this.#connections = { query, mempool, consensus };
  }

  async info() {
    const { info } = await this.#call("query", { info: {} });
    return info as NonNullable<typeof info>;
  }

  async query(query: {
    readonly path: string;
    readonly data?: Uint8Array;
    readonly height?: bigint;
    readonly prove?: boolean;
  }) {
    const { query: answer } = await this.#call("query", { query });
    return answer as NonNullable<typeof answer>;
  }

  initChain(changes: { readonly chainId?: string; readonly appStateBytes?: Uint8Array } = {}) {
    const { genesis } = this.#chain;
    const initChain = {
      time: { seconds: genesis.time / 1_000_000_000n, nanos: Number(genesis.time % 1_000_000_000n) },
      chainId: genesis.chainId,
      appStateBytes: genesis.appState,
      initialHeight: 1n,
      consensusParams: { block: { maxBytes: BigInt(genesis.consensusParams.block.maxBytes), maxGas: -1n } },
      validators: genesis.validators.map(({ publicKey, power }) => ({ pubKey: { ed25519: publicKey.bytes }, power })),
      ...changes,
    };
    return this.#call("consensus", { initChain });
  }

  /** The block that the node would propose next. */
  async prepare(maxTxBytes: bigint = MAX_TX_BYTES): Promise<Block> {
    const block = this.block([]);
    const { prepareProposal } = await this.#call("consensus", {
      prepareProposal: { ...this.#proposal(block), txs: [], maxTxBytes },
    });
    return { ...block, txs: prepareProposal?.txs ?? [] };
  }

  /** A block after the newest, with a time and hash of its own. */
  block(txs: readonly Uint8Array[]): Block {
    const height = BigInt(this.#chain.node.application.head.height + 1);
    const count = ++this.#blocks;
    const seconds = this.#chain.genesis.time / 1_000_000_000n + height;
    return { txs, height, time: { seconds, nanos: count }, hash: Buffer.alloc(32, count) };
  }

  /** Whether the node accepts the block. */
  async process(block: Block): Promise<boolean> {
    const { processProposal } = await this.#call("consensus", {
      processProposal: { ...this.#proposal(block), proposedLastCommit: { round: 0, votes: [] }, hash: block.hash },
    });
    const status = Number(processProposal?.status);
    if (status !== 1 && status !== 2) throw new Error(`status ${status} would end CometBFT`);
    return status === 1;
  }

  async finalize(block: Block) {
    const { finalizeBlock } = await this.#call("consensus", {
      finalizeBlock: { ...this.#proposal(block), decidedLastCommit: { round: 0, votes: [] }, hash: block.hash },
    });
    return finalizeBlock as NonNullable<typeof finalizeBlock>;
  }

  commit() {
    return this.#call("consensus", { commit: {} });
  }

  /** Proposes, accepts and commits what the node would propose. */
  async decide(): Promise<Block> {
    const block = await this.prepare();
    if (!(await this.process(block))) throw new Error("the node refuses its own block");
    await this.finalize(block);
    await this.commit();
    return block;
  }

  /** The code for each transaction of a peer, sent as fast as the node takes them. */
  async insert(...txs: readonly Uint8Array[]): Promise<number[]> {
    const { mempool } = this.#connections;
    mempool.send(...txs.map((tx) => nested(21, nested(1, Buffer.from(tx))).toString("hex")));
    return (await mempool.take(txs.length)).map((response) => {
      const [, , code = 0, high = 0, highest = 0] = [...Buffer.from(response, "hex").subarray(2)];
      return code < 0x80 ? code : (code & 0x7f) + (high & 0x7f) * 128 + (highest & 0x7f) * 16_384;
    });
  }

  /** What the node wants to have sent to its peers. */
  async reap(maxBytes = 0): Promise<Uint8Array[]> {
    const { mempool } = this.#connections;
    mempool.send(nested(22, Buffer.from(maxBytes === 0 ? [] : [8, ...varint(maxBytes)])).toString("hex"));
    const response = Buffer.from(await mempool.next(), "hex");
    // ResponseReapTxs has the form of ResponsePrepareProposal, whose number is lower.
    const asProposal = Buffer.concat([Buffer.from([0x8a, 0x01]), response.subarray(2)]);
    return Response.decode(asProposal).prepareProposal?.txs ?? [];
  }

  async #call(name: "query" | "consensus", request: Asked) {
    const connection = this.#connections[name];
    const bytes = Buffer.from(Request.encode(Request.fromPartial(request as Partial<Request>)).finish());
    connection.send(bytes.toString("hex"), FLUSH);
    const [response = ""] = await connection.take(1);
    const decoded = Response.decode(Buffer.from(response, "hex"));
    if (decoded.exception) throw new Error(`exception: ${decoded.exception.error}`);
    await connection.next();
    return decoded;
  }

  #proposal({ txs, height, time }: Block) {
    return { txs: [...txs], height, time, proposerAddress: this.#chain.validator.address };
  }
}

const FLUSH = "1200";

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function nested(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(varint(number * 8 + 2)), framed(content)]);
}
