import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { rightScope } from "@ruffchain/abi";
import type { Crypto } from "../crypto.js";
import { LightError } from "../light-error.js";
import { nobleCrypto } from "../noble-crypto.js";

/** What a right may allow: a bit of its scope. */
export type Command = keyof typeof rightScope;

/** What the holder asks the device to do. */
export interface Access {
  readonly chainId: string;
  readonly asset: bigint;
  readonly right: bigint;
  readonly command: Command;
  /** The device's challenge, CHALLENGE_BYTES long. */
  readonly challenge: Uint8Array;
}

/** The text that the holder signs with a wallet (personal_sign): people can read what they allow. */
export function accessText({ chainId, asset, right, command, challenge }: Access): string {
  return [
    "Ruff access",
    `chain: ${chainId}`,
    `asset: ${asset}`,
    `right: ${right}`,
    `command: ${command}`,
    `challenge: ${bytesToHex(challenge)}`,
  ].join("\n");
}

/** Half of secp256k1's order: EIP-2 allows s up to here. */
const HALF_ORDER = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";

/**
 * Checks that the holder of `address` signed the access text. `algorithm` is "eip191" (ERC-191 version 0x45: a
 * secp256k1 signature of 65 bytes r ‖ s ‖ v, v 27 or 28). Throws LightError `unknownAlgorithm`, `malformed`,
 * `highSignature` or `wrongHolder`.
 */
export function verifyPossession(
  address: string,
  access: Access,
  algorithm: string,
  signature: Uint8Array,
  crypto: Crypto = nobleCrypto,
): void {
  if (algorithm !== "eip191") {
    throw new LightError(
      "unknownAlgorithm",
      { algorithm },
      `signatures of kind ${algorithm} are not known: sign with eip191`,
    );
  }
  const v = signature[64];
  if (signature.length !== 65 || (v !== 27 && v !== 28)) {
    const details = { what: "signature", problem: "it is not r, s and v" };
    throw new LightError("malformed", details, "the signature is not 65 bytes r, s and v, with v 27 or 28");
  }
  if (bytesToHex(signature.subarray(32, 64)) > HALF_ORDER) {
    throw new LightError("highSignature", {}, "the signature's s is high: give the low form (EIP-2)");
  }
  const text = utf8ToBytes(accessText(access));
  const hash = crypto.keccak256(concatBytes(utf8ToBytes(`\x19Ethereum Signed Message:\n${text.length}`), text));
  const publicKey = crypto.recoverSecp256k1(hash, signature.subarray(0, 64), v === 27 ? 0 : 1);
  const signer = publicKey && `0x${bytesToHex(crypto.keccak256(publicKey).subarray(12))}`;
  if (signer !== address) {
    const details = { expected: address, actual: signer };
    throw new LightError("wrongHolder", details, `${signer ?? "nobody"} signed, but the right is held by ${address}`);
  }
}
