import { bytesToHex } from "@ruffchain/kernel";
import { Address, Hash, Hex, P256, WebAuthnP256 } from "ox";
import { SignatureEnvelope } from "ox/tempo";
import { hashTypedData, type TypedDataDefinition } from "viem";
import { account } from "./chain.js";

/** Who signs typed data: an address, and its signature in the envelope that the chain takes. */
export interface Owner {
  readonly id: Hex.Hex;
  signTypedData(data: TypedDataDefinition): Promise<Hex.Hex>;
}

/** A P-256 key's account. `prehash` is how WebCrypto signs: SHA-256 of the hash. */
function p256(privateKey: Hex.Hex, prehash: boolean): Owner {
  const publicKey = P256.getPublicKey({ privateKey });
  return {
    id: Address.fromPublicKey(publicKey).toLowerCase() as Hex.Hex,
    async signTypedData(data) {
      const signature = P256.sign({ payload: hashTypedData(data), privateKey, hash: prehash });
      return SignatureEnvelope.serialize({ type: "p256", prehash, publicKey, signature });
    },
  };
}

/** A passkey's account. */
function webAuthn(privateKey: Hex.Hex): Owner {
  const publicKey = P256.getPublicKey({ privateKey });
  return {
    id: Address.fromPublicKey(publicKey).toLowerCase() as Hex.Hex,
    async signTypedData(data) {
      const { metadata, payload } = WebAuthnP256.getSignPayload({
        challenge: hashTypedData(data),
        rpId: "localhost",
        origin: "http://localhost",
        flag: 5,
      });
      const signature = P256.sign({ payload, privateKey, hash: true });
      return SignatureEnvelope.serialize({ type: "webAuthn", metadata, publicKey, signature });
    },
  };
}

const key = (seed: string) => bytesToHex(Hash.keccak256(Hex.fromString(seed), { as: "Bytes" }));

/** One owner of each kind of key, by viem and ox. */
export const owners: Readonly<Record<string, Owner>> = {
  secp256k1: account(20),
  "P-256": p256(key("p256"), false),
  "P-256 of WebCrypto": p256(key("webcrypto"), true),
  WebAuthn: webAuthn(key("passkey")),
};
