import { addresses, anchorRecord } from "@ruffchain/abi";
import { decodeBatch, deviceId, deviceUrn, leafHash, toBeSigned, verifyInclusion } from "@ruffchain/cose";
import { keyBytes, tablePrefix, verifyEd25519, verifyP256 } from "@ruffchain/kernel";
import {
  decodeCommit,
  decodeHeader,
  decodeRecord,
  type Header,
  TIME_TOLERANCE_SECONDS,
  type Validator,
  verifyCommit,
  verifyMembership,
  verifyNonMembership,
} from "@ruffchain/light";
import { type Genesis, loadGenesis } from "@ruffchain/node";
import { createPublicClient, type Hex, hexToBytes, http, isHex, toHex } from "viem";
import { CliError } from "./cli-error.js";

/** What was checked, one line a step, for people. */
export type Steps = string[];

export interface VerifiedValue {
  /** Undefined where the key is proven absent. */
  readonly value: Uint8Array | undefined;
  readonly header: Header;
}

/** A header that is older, unless told: a node that hides newer blocks could show any old state. */
export const MAX_HEADER_AGE_SECONDS = 60;

export interface Trust {
  readonly chainId: string;
  readonly validators: readonly Validator[];
  readonly maxAgeSeconds: number;
}

/** Whom to trust: the validators of a genesis file; and how old the newest header may be. */
export function trustFrom(genesisFile: string, maxAgeSeconds = MAX_HEADER_AGE_SECONDS): Trust {
  const { chainId, validators }: Genesis = loadGenesis(genesisFile);
  return {
    chainId,
    validators: validators.map(({ publicKey, power }) => ({ publicKey: publicKey.bytes, power })),
    maxAgeSeconds,
  };
}

/**
 * Reads a state key from a node that is not trusted: the newest header must be signed by the trusted validators, and the
 * value proven from it. Throws LightError where the node lies.
 */
export async function verifiedRead(rpc: string, trust: Trust, key: Uint8Array, steps: Steps): Promise<VerifiedValue> {
  const client = createPublicClient({ transport: http(rpc) });
  const ask = (method: string, params: unknown[]) =>
    client.request({ method, params } as never) as Promise<Record<string, Hex>>;
  const signed = await ask("ruff_getCommit", ["latest"]);
  const header = decodeHeader(hexToBytes(signed.header as Hex));
  verifyCommit(trust.validators, trust.chainId, header, decodeCommit(hexToBytes(signed.commit as Hex)));
  steps.push(`header ${header.height} of ${trust.chainId} is signed by more than two thirds of the trusted validators`);
  steps.push(`it is ${checkAge(header, trust)} s old`);
  const { value, proof } = await ask("ruff_getProof", [toHex(key), toHex(header.height - 1)]);
  const proofBytes = hexToBytes(proof as Hex);
  if (value === "0x") {
    verifyNonMembership(header.appHash, key, proofBytes);
    steps.push("the key is proven absent from the state that the header commits to");
    return { value: undefined, header };
  }
  const bytes = hexToBytes(value as Hex);
  verifyMembership(header.appHash, key, bytes, proofBytes);
  steps.push("the record is proven from the state root in the header");
  return { value: bytes, header };
}

/** Returns the header's age in seconds by this machine's clock. */
function checkAge({ time, height }: Header, { maxAgeSeconds }: Trust): number {
  const age = Math.floor(Date.now() / 1000) - Number(time / 1_000_000_000n);
  if (age > maxAgeSeconds) {
    throw new CliError(
      `header ${height} is ${age} s old, more than ${maxAgeSeconds} s: the node hides newer ones, or the chain stands still. Ask another node, or allow it with --max-age ${age}`,
    );
  }
  if (age < -TIME_TOLERANCE_SECONDS) {
    throw new CliError(`header ${height} is ${-age} s in the future: set this machine's clock`);
  }
  return Math.max(age, 0);
}

/** The state key of a row: table number and the encoded key of a contract's table. */
export function rowKey(contract: Hex, table: number, key: Uint8Array): Uint8Array {
  return Buffer.concat([keyBytes(tablePrefix(contract, table)), key]);
}

/** What the chain holds of a device's anchor, verified. */
export async function verifiedAnchor(rpc: string, trust: Trust, device: Hex, sequence: bigint, steps: Steps) {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(sequence);
  const key = rowKey(addresses.telemetry, 0, Buffer.concat([hexToBytes(device), number]));
  const { value, header } = await verifiedRead(rpc, trust, key, steps);
  if (!value) throw new CliError(`the chain has no anchor ${sequence} of device ${device}`);
  return { anchor: decodeRecord(anchorRecord, value), header };
}

/** A batch with its place under an anchor, as a device's door gives it. */
export interface BatchEvidence {
  readonly bytes: Hex;
  readonly anchor: { readonly device: Hex; readonly sequence: string };
  readonly leafIndex: number;
  readonly treeSize: number;
  readonly path: readonly Hex[];
}

/** Checks the form of what was read from a file or a door. Throws CliError. */
export function parseEvidence(value: unknown, from: string): BatchEvidence {
  const { bytes, anchor, leafIndex, treeSize, path } = (value ?? {}) as Partial<BatchEvidence>;
  const fits =
    isHex(bytes) &&
    isHex(anchor?.device) &&
    /^\d+$/.test(String(anchor.sequence)) &&
    Number.isSafeInteger(leafIndex) &&
    Number.isSafeInteger(treeSize) &&
    Array.isArray(path) &&
    path.every((hash) => isHex(hash));
  if (!fits) throw new CliError(`${from} is no evidence: a device's door gives it at /v1/batches/<sequence>/proof`);
  return value as BatchEvidence;
}

/** Verifies one batch of readings down from a signed header: anchor, inclusion, the device's own signature. */
export async function verifiedBatch(
  rpc: string,
  trust: Trust,
  evidence: BatchEvidence,
  publicKey: Uint8Array,
  steps: Steps,
) {
  const device = evidence.anchor.device;
  const { anchor, header } = await verifiedAnchor(rpc, trust, device, BigInt(evidence.anchor.sequence), steps);
  const bytes = hexToBytes(evidence.bytes);
  const path = evidence.path.map((hash) => hexToBytes(hash));
  const root = hexToBytes(anchor.root as Hex);
  if (
    Number(anchor.count) !== evidence.treeSize ||
    !verifyInclusion(root, leafHash(bytes), evidence.leafIndex, evidence.treeSize, path)
  ) {
    throw new CliError("the batch is not under the anchor's root");
  }
  steps.push(
    `the batch is leaf ${evidence.leafIndex} of ${evidence.treeSize} under anchor ${evidence.anchor.sequence}`,
  );
  const { batch, message } = decodeBatch(bytes);
  if (toHex(deviceId(batch.algorithm, publicKey)) !== device) throw new CliError("the public key is not the device's");
  const signed = toBeSigned(message);
  const good =
    batch.algorithm === "p256"
      ? verifyP256(signed, message.signature, publicKey)
      : verifyEd25519(signed, message.signature, publicKey);
  if (!good || !device.startsWith(batch.kid)) throw new CliError("the batch is not signed by the device");
  steps.push(`its ${batch.pack.records.length} readings are signed by ${deviceUrn(hexToBytes(device))}`);
  return { batch, header };
}
