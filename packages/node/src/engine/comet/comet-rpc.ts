import { request } from "node:http";
import {
  absentCommitSig,
  blockIdFlag,
  type CommitSig,
  type Header,
  hashHeader,
  type SignedHeader,
  type Validator,
} from "@ruffchain/light";
import * as z from "zod";
import { nodeCrypto } from "../../crypto.js";
import { parseTime } from "../../genesis/time.js";
import type { NetworkStatus } from "../engine.js";
import { type Endpoint, endpointOptions } from "./endpoint.js";

/** Longest answer of CometBFT's RPC that is read: a commit of 10,000 validators has some 3 MB. */
export const MAX_COMET_RPC_BYTES = 16 * 2 ** 20;
const TIMEOUT_MS = 10_000;
/** CometBFT gives no more. */
const VALIDATORS_PER_PAGE = 100;

/** What CometBFT's RPC answers when it refuses. */
export class CometRpcError extends Error {
  override readonly name = "CometRpcError";
  readonly code = "cometRpc";
}

/** Asks CometBFT for what it keeps: signed headers, and how it stands with its peers. */
export class CometRpc {
  readonly #endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** Resolves when CometBFT has finished its handshake with the application and answers. */
  async health(): Promise<void> {
    await this.#get("health", z.unknown());
  }

  async networkStatus(): Promise<NetworkStatus> {
    const [status, network] = await Promise.all([this.#get("status", statusResult), this.#get("net_info", netInfo)]);
    return { catchingUp: status.sync_info.catching_up, peers: network.n_peers };
  }

  /** The header of a height with a commit for it. Throws CometRpcError, for one thing where there is none. */
  async signedHeader(height: number): Promise<SignedHeader> {
    const { signed_header } = await this.#get(`commit?height=${height}`, commitResult);
    const { header, commit } = signed_header;
    if (Buffer.compare(hashHeader(header, nodeCrypto), commit.blockId.hash) !== 0) {
      throw new CometRpcError(`CometBFT's header of height ${height} is not the one that its commit signs`);
    }
    return signed_header;
  }

  /** The validators of a height, in CometBFT's order. */
  async validators(height: number): Promise<readonly Validator[]> {
    const found: Validator[] = [];
    for (let page = 1; ; page++) {
      const { validators, total } = await this.#get(
        `validators?height=${height}&page=${page}&per_page=${VALIDATORS_PER_PAGE}`,
        validatorsResult,
      );
      found.push(...validators);
      if (found.length >= total || validators.length === 0) return found;
    }
  }

  /** Any other question, with the answer as it is. */
  ask(path: string): Promise<unknown> {
    return this.#get(path, z.unknown());
  }

  async #get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const answer = envelope.parse(JSON.parse(await this.#read(path)));
    if (answer.error) throw new CometRpcError(`CometBFT: ${answer.error.data || answer.error.message}`);
    return schema.parse(answer.result);
  }

  #read(path: string): Promise<string> {
    const endpoint = endpointOptions(this.#endpoint);
    const where = "path" in endpoint ? { socketPath: endpoint.path } : endpoint;
    return new Promise((resolve, reject) => {
      const call = request({ ...where, path: `/${path}`, timeout: TIMEOUT_MS }, (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length > MAX_COMET_RPC_BYTES) {
            response.destroy(new CometRpcError(`an answer is longer than MAX_COMET_RPC_BYTES, ${MAX_COMET_RPC_BYTES}`));
          }
        });
        response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
        response.on("error", reject);
      });
      call.on("timeout", () => call.destroy(new CometRpcError(`CometBFT does not answer within ${TIMEOUT_MS} ms`)));
      call.on("error", reject);
      call.end();
    });
  }
}

// CometBFT's JSON: integers as strings, hashes and addresses in upper-case hex, signatures in base64.

const envelope = z.object({
  result: z.unknown().optional(),
  error: z.object({ message: z.string(), data: z.string().optional() }).optional(),
});
const integer = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number);
const hex = z
  .string()
  .regex(/^([0-9A-F]{2})*$/)
  .transform((text) => Uint8Array.from(Buffer.from(text, "hex")));
const time = z.string().transform((text, { addIssue }) => {
  const parsed = parseTime(text);
  if (parsed === undefined) addIssue("is no time");
  return parsed ?? 0n;
});
const blockId = z
  .object({ hash: hex, parts: z.object({ total: z.number(), hash: hex }) })
  .transform(({ hash, parts }) => ({ hash, partSetHeader: parts }));
const header = z
  .object({
    version: z.object({ block: integer, app: integer.optional() }),
    chain_id: z.string(),
    height: integer,
    time,
    last_block_id: blockId,
    last_commit_hash: hex,
    data_hash: hex,
    validators_hash: hex,
    next_validators_hash: hex,
    consensus_hash: hex,
    app_hash: hex,
    last_results_hash: hex,
    evidence_hash: hex,
    proposer_address: hex,
  })
  .transform(
    (json): Header => ({
      version: { block: json.version.block, app: json.version.app ?? 0 },
      chainId: json.chain_id,
      height: json.height,
      time: json.time,
      lastBlockId: json.last_block_id,
      lastCommitHash: json.last_commit_hash,
      dataHash: json.data_hash,
      validatorsHash: json.validators_hash,
      nextValidatorsHash: json.next_validators_hash,
      consensusHash: json.consensus_hash,
      appHash: json.app_hash,
      lastResultsHash: json.last_results_hash,
      evidenceHash: json.evidence_hash,
      proposerAddress: json.proposer_address,
    }),
  );
const commitSig = z
  .object({
    block_id_flag: z.number(),
    validator_address: hex,
    timestamp: time,
    signature: z.base64().nullable(),
  })
  .transform(
    (json): CommitSig =>
      json.block_id_flag === blockIdFlag.absent
        ? absentCommitSig
        : {
            flag: json.block_id_flag,
            validatorAddress: json.validator_address,
            time: json.timestamp,
            signature: Uint8Array.from(Buffer.from(json.signature ?? "", "base64")),
          },
  );
const commitResult = z.object({
  signed_header: z.object({
    header,
    commit: z
      .object({ height: integer, round: z.number(), block_id: blockId, signatures: z.array(commitSig) })
      .transform(({ block_id, ...rest }) => ({ ...rest, blockId: block_id })),
  }),
});
const validatorsResult = z.object({
  validators: z.array(
    z
      .object({
        pub_key: z.object({ type: z.literal("tendermint/PubKeyEd25519"), value: z.base64() }),
        voting_power: z.string().regex(/^\d{1,19}$/),
      })
      .transform(
        ({ pub_key, voting_power }): Validator => ({
          publicKey: Uint8Array.from(Buffer.from(pub_key.value, "base64")),
          power: BigInt(voting_power),
        }),
      ),
  ),
  total: integer,
});
const statusResult = z.object({ sync_info: z.object({ catching_up: z.boolean() }) });
const netInfo = z.object({ n_peers: integer });
