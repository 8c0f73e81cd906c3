import { bytesToHex } from "@noble/hashes/utils.js";
import type { Crypto } from "../crypto.js";
import { nobleCrypto } from "../noble-crypto.js";
import { bigInt64, bytes, field, message, nested, required } from "../proto.js";
import { merkleRoot } from "./merkle.js";

/** A validator: its Ed25519 public key (32 bytes) and its voting power. */
export interface Validator {
  readonly publicKey: Uint8Array;
  readonly power: bigint;
}

const simpleValidatorCodec = message<{ publicKey: { ed25519: Uint8Array }; power: bigint }>("SimpleValidator", {
  publicKey: required(1, nested(message<{ ed25519: Uint8Array }>("PublicKey", { ed25519: required(1, bytes) }))),
  power: field(2, bigInt64),
});

/** A validator's address: the first 20 bytes of SHA-256 of its public key. */
export function validatorAddress(publicKey: Uint8Array, crypto: Crypto = nobleCrypto): Uint8Array {
  return crypto.sha256(publicKey).subarray(0, 20);
}

/** CometBFT's order of a set: highest power first, then by address. */
export function compareValidators(a: Validator, b: Validator, crypto: Crypto): number {
  if (a.power !== b.power) return a.power > b.power ? -1 : 1;
  const [left, right] = [a, b].map(({ publicKey }) => bytesToHex(validatorAddress(publicKey, crypto))) as [
    string,
    string,
  ];
  return left < right ? -1 : 1;
}

/** `validatorsHash` of a header. The set is in CometBFT's order. */
export function hashValidators(validators: readonly Validator[], crypto: Crypto = nobleCrypto): Uint8Array {
  return merkleRoot(
    validators.map(({ publicKey, power }) => simpleValidatorCodec.encode({ publicKey: { ed25519: publicKey }, power })),
    crypto,
  );
}
