import type { Hex } from "ox";
import { SignatureEnvelope } from "ox/tempo";
import { hashTypedData, type TypedDataDefinition } from "viem";
import { type Key, p256Key, secp256k1Key, webAuthnKey } from "../../kernel/test/account/tempo.js";

/** Who signs typed data: an account of one of the kinds of keys, as ox signs. */
export interface Owner {
  readonly id: Hex.Hex;
  signTypedData(data: TypedDataDefinition): Promise<Hex.Hex>;
}

function owner(key: Key): Owner & { readonly key: Key } {
  return {
    key,
    id: key.address,
    signTypedData: async (data) => SignatureEnvelope.serialize(key.sign(hashTypedData(data))),
  };
}

/** One owner of each kind of key. */
export const owners = {
  secp256k1: owner(secp256k1Key()),
  "P-256": owner(p256Key(false)),
  "P-256 of WebCrypto": owner(p256Key(true)),
  WebAuthn: owner(webAuthnKey()),
} as const;
