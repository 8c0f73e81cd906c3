import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import {
  type AccessRequest,
  accessText,
  CHALLENGE_BYTES,
  type Command,
  type Commit,
  type Device,
  encodeCommit,
  encodeGrant,
  encodeHeader,
  type Header,
  type RightRecord,
  rightKey,
} from "@ruffchain/light";
import { type Hex, toBytes } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { chainId, makeCommit, makeHeader, makeSigners } from "./chain.js";
import { Tree } from "./tree.js";

const holder = privateKeyToAccount(`0x${"11".repeat(32)}`);
export const stranger = privateKeyToAccount(`0x${"22".repeat(32)}`);
export const signers = makeSigners([10n, 10n, 10n, 10n]);

/** Seconds since 1970 at which the presented header was made. */
export const headerTime = 1_790_000_000;
export const asset = 7n;
export const rightId = 42n;
export const area = hexToBytes("00a1b2c3d4");
export const nonce = sha256(Uint8Array.of(1)).slice(0, CHALLENGE_BYTES);

export const right: RightRecord = {
  asset,
  holder: holder.address.toLowerCase() as Hex,
  from: BigInt(headerTime - 3600),
  until: BigInt(headerTime + 3600),
  area: `0x${Buffer.from(sha256(area)).toString("hex")}`,
  scope: 7,
  maxAge: 3600,
  terms: 3n,
  ticket: 99n,
};

export const device: Device = {
  chainId,
  asset,
  validators: signers,
  newestHeaderTime: headerTime + 300,
  headerSlack: 600,
  maxGrantAge: 86_400,
  clock: { lo: headerTime + 899, hi: headerTime + 901 },
  position: { latitude: 464_982_872, longitude: 75_678_901, accuracyMetres: 5, age: 2 },
  contains: () => true,
  challenge: { nonce, age: 3, used: false },
};

/** A record of the Rights table, in the layout of docs/state.md; `later` are fields that a newer table has at its end. */
export function encodeRight(record: RightRecord, later = new Uint8Array()): Uint8Array {
  const { asset: assetId, ticket, ...rest } = record;
  return concatBytes(
    compact(assetId),
    toBytes(rest.holder),
    toBytes(rest.from, { size: 8 }),
    toBytes(rest.until, { size: 8 }),
    toBytes(rest.area),
    toBytes(rest.scope, { size: 1 }),
    toBytes(rest.maxAge, { size: 4 }),
    toBytes(rest.terms, { size: 8 }),
    compact(ticket),
    later,
  );
}

function compact(value: bigint): Uint8Array {
  const bytes = value === 0n ? new Uint8Array() : toBytes(value);
  return concatBytes(Uint8Array.of(bytes.length), bytes);
}

/** A state with `size` keys, one of them the right. */
export function stateWith(record: Uint8Array, size = 64): Tree {
  const others = Array.from({ length: size - 1 }, (_, index) => [rightKey(BigInt(index + 1000)), record] as const);
  return new Tree([[rightKey(rightId), record], ...others]);
}

/** The parts of a grant for a record, from a chain whose state has it. */
export function grantParts(record: Uint8Array, header: Partial<Header> = {}, size?: number) {
  const tree = stateWith(record, size);
  const made = makeHeader(signers, { time: BigInt(headerTime) * 1_000_000_000n, appHash: tree.root, ...header });
  return { header: made, commit: makeCommit(signers, made), proof: tree.prove(rightKey(rightId)), area };
}

export function pack(parts: { header: Header; commit: Commit; proof: Uint8Array; area: Uint8Array }): Uint8Array {
  return encodeGrant({ ...parts, header: encodeHeader(parts.header), commit: encodeCommit(parts.commit) });
}

/** What the holder's wallet answers to the device's challenge. */
export async function ask(command: Command = "unlock", account = holder): Promise<AccessRequest> {
  const message = accessText({ chainId, asset, right: rightId, command, challenge: nonce });
  const signature = toBytes(await account.signMessage({ message }));
  return { right: rightId, command, challenge: nonce, algorithm: "eip191", signature };
}
