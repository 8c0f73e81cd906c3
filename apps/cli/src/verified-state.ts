import { addresses, anchorRecord } from "@ruffchain/abi";
import { decodeBatch, deviceId, deviceUrn, leafHash, toBeSigned, verifyInclusion } from "@ruffchain/cose";
import { keyBytes, tablePrefix, verifyEd25519, verifyP256 } from "@ruffchain/kernel";
import { decodeRecord, type Header, verifyMembership, verifyNonMembership } from "@ruffchain/light";
import { createPublicClient, type Hex, hexToBytes, http, isHex, toHex } from "viem";
import { CliError } from "./cli-error.js";
import { explained, type Steps, type Trust, trustedHeader } from "./trusted-header.js";

export interface VerifiedValue {
  /** Undefined where the key is proven absent. */
  readonly value: Uint8Array | undefined;
  readonly header: Header;
}

/**
 * Reads a state key from a node that is not trusted: the newest header must be signed by validators that follow from the
 * trusted ones, and the value proven from it. Throws CliError where the node does not prove what it says.
 */
export async function verifiedRead(rpc: string, trust: Trust, key: Uint8Array, steps: Steps): Promise<VerifiedValue> {
  try {
    const header = await trustedHeader(rpc, trust, steps);
    return { header, value: await provenValue(rpc, header, key, steps) };
  } catch (error) {
    throw explained(error, rpc);
  }
}

async function provenValue(
  rpc: string,
  header: Header,
  key: Uint8Array,
  steps: Steps,
): Promise<Uint8Array | undefined> {
  const client = createPublicClient({ transport: http(rpc) });
  const params = [toHex(key), toHex(header.height - 1)];
  const answer = await client.request({ method: "ruff_getProof", params } as never);
  const { value, proof } = (answer ?? {}) as Partial<Record<string, unknown>>;
  if (!isHex(value) || !isHex(proof)) throw new CliError(`${rpc} answers without a value and a proof of it`);
  if (value === "0x") {
    verifyNonMembership(header.appHash, key, hexToBytes(proof));
    steps.push("the key is proven absent from the state that the header commits to");
    return undefined;
  }
  verifyMembership(header.appHash, key, hexToBytes(value), hexToBytes(proof));
  steps.push("the record is proven from the state root in the header");
  return hexToBytes(value);
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
  const count = batch.pack.records.length;
  steps.push(`its ${count === 1 ? "reading is" : `${count} readings are`} signed by ${deviceUrn(hexToBytes(device))}`);
  return { batch, header };
}
