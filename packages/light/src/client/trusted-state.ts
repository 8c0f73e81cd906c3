import { bytesToHex } from "@noble/hashes/utils.js";
import { type Header, hashHeader } from "../comet/header.js";
import { compareValidators, type Validator } from "../comet/validator.js";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";
import { nobleCrypto } from "../noble-crypto.js";
import { bigInt64, bytes, field, int64, message, nested, repeated, required, string, timestamp } from "../proto.js";
import { checkNamedValidators, checkValidators } from "./check-validators.js";

/** All that a light client keeps: the newest block it trusts, and who decides the next one. The caller persists it. */
export interface TrustedState {
  readonly chainId: string;
  readonly height: number;
  /** Of the header, in nanoseconds since 1970. */
  readonly time: bigint;
  /** Of the header; empty before the first block. */
  readonly hash: Uint8Array;
  /** The validators of the next height, in CometBFT's order. */
  readonly nextValidators: readonly Validator[];
}

/** What a genesis file says; its validators may be in any order. */
export interface GenesisTrust {
  readonly chainId: string;
  /** In nanoseconds since 1970. */
  readonly time: bigint;
  readonly initialHeight: number;
  readonly validators: readonly Validator[];
}

/** Begins with the validators of a genesis file. The first block bears the genesis time itself, so the state is before it. */
export function trustGenesis(genesis: GenesisTrust, crypto: Crypto = nobleCrypto): TrustedState {
  const { chainId, time, initialHeight, validators } = genesis;
  checkValidators(validators);
  return {
    chainId,
    height: initialHeight - 1,
    time: time - 1n,
    hash: new Uint8Array(),
    nextValidators: validators.toSorted((a, b) => compareValidators(a, b, crypto)),
  };
}

/**
 * Begins with a block whose hash the caller knows from a source that it trusts. The next validators follow from the
 * header. Throws LightError `wrongTrustedHash` or `wrongValidators`.
 */
export function trustBlock(
  hash: Uint8Array,
  header: Header,
  nextValidators: readonly Validator[],
  crypto: Crypto = nobleCrypto,
): TrustedState {
  const [expected, actual] = [bytesToHex(hash), bytesToHex(hashHeader(header, crypto))];
  if (actual !== expected) {
    const message = `the header of height ${header.height} has the hash ${actual}, not the trusted ${expected}`;
    throw new LightError("wrongTrustedHash", { height: header.height, expected, actual }, message);
  }
  checkNamedValidators(nextValidators, header.nextValidatorsHash, header.height + 1, crypto);
  return { chainId: header.chainId, height: header.height, time: header.time, hash, nextValidators };
}

const trustedStateCodec = message<TrustedState>("TrustedState", {
  chainId: field(1, string),
  height: field(2, int64),
  time: required(3, timestamp),
  hash: field(4, bytes),
  nextValidators: repeated(
    5,
    nested(message<Validator>("Validator", { publicKey: required(1, bytes), power: field(2, bigInt64) })),
  ),
});

/** The bytes to persist, in protobuf. */
export function encodeTrustedState(state: TrustedState): Uint8Array {
  return trustedStateCodec.encode(state);
}

/** Reads what encodeTrustedState wrote; throws LightError `malformed`. Whoever can change the bytes is trusted. */
export function decodeTrustedState(encoded: Uint8Array): TrustedState {
  return trustedStateCodec.decode(encoded);
}
