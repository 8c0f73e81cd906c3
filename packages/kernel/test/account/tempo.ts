import { bytesToHex, hexToBytes } from "@ruffchain/kernel";
import { Address, Hash, Hex, P256, Secp256k1, WebAuthnP256 } from "ox";
import { KeyAuthorization, type SignatureEnvelope, TxEnvelopeTempo } from "ox/tempo";
import { CHAIN_ID } from "../execution/chain.js";

type Sign = (hash: Hex.Hex) => SignatureEnvelope.SignatureEnvelope;

/** A key as Tempo's clients have it. */
export interface Key {
  readonly address: Hex.Hex;
  readonly type: "secp256k1" | "p256" | "webAuthn";
  readonly sign: Sign;
}

const lower = (address: string) => address.toLowerCase() as Hex.Hex;

export function secp256k1Key(privateKey: Hex.Hex = Secp256k1.randomPrivateKey()): Key {
  return {
    address: lower(Address.fromPublicKey(Secp256k1.getPublicKey({ privateKey }))),
    type: "secp256k1",
    sign: (payload) => ({ type: "secp256k1", signature: Secp256k1.sign({ payload, privateKey }) }),
  };
}

export function p256Key(prehash = true): Key {
  const privateKey = P256.randomPrivateKey();
  const publicKey = P256.getPublicKey({ privateKey });
  return {
    address: lower(Address.fromPublicKey(publicKey)),
    type: "p256",
    sign: (payload) => ({
      type: "p256",
      prehash,
      publicKey,
      signature: P256.sign({ payload, privateKey, hash: prehash }),
    }),
  };
}

export function webAuthnKey(): Key {
  const privateKey = P256.randomPrivateKey();
  const publicKey = P256.getPublicKey({ privateKey });
  return {
    address: lower(Address.fromPublicKey(publicKey)),
    type: "webAuthn",
    sign: (challenge) => {
      const { metadata, payload } = WebAuthnP256.getSignPayload({ challenge, rpId: "ruff", origin: "https://ruff" });
      return { type: "webAuthn", metadata, publicKey, signature: P256.sign({ payload, privateKey, hash: true }) };
    },
  };
}

/** The key of an account that acts for another. */
export function accessKey(key: Key, account: Hex.Hex, version: "v1" | "v2" = "v2"): Key {
  return {
    ...key,
    sign: (hash) => {
      const bound = version === "v1" ? hash : Hash.keccak256(Hex.concat("0x04", hash, account));
      return { type: "keychain", version, userAddress: account, inner: key.sign(bound) } as never;
    },
  };
}

export type Fields = Partial<TxEnvelopeTempo.TxEnvelopeTempo>;

export const FEES = { maxFeePerGas: 10_000_000_000n, maxPriorityFeePerGas: 1_000_000_000n, gas: 2_000_000n };

/** Signs as the sender and, where there is one, as the fee payer, with ox alone. */
export function signTempo(sender: Key, fields: Fields, feePayer?: Key): Uint8Array {
  const envelope = TxEnvelopeTempo.from({
    chainId: CHAIN_ID,
    calls: [{ to: sender.address }],
    ...FEES,
    ...fields,
    ...(feePayer && { feePayerSignature: null }),
  } as never) as TxEnvelopeTempo.TxEnvelopeTempo;
  const signature = sender.sign(TxEnvelopeTempo.getSignPayload(envelope));
  if (!feePayer) return hexToBytes(TxEnvelopeTempo.serialize(envelope, { signature }));
  const account = signature.type === "keychain" ? (signature.userAddress as Hex.Hex) : sender.address;
  const payload = TxEnvelopeTempo.getFeePayerSignPayload(envelope, { sender: account });
  const { signature: feePayerSignature } = feePayer.sign(payload) as SignatureEnvelope.Secp256k1;
  return hexToBytes(TxEnvelopeTempo.serialize(envelope, { signature, feePayerSignature }));
}

/** An authorization of a key that the account has signed. */
export function authorization(
  account: Key,
  key: Key,
  grant: Partial<KeyAuthorization.KeyAuthorization> = {},
): KeyAuthorization.Signed {
  const unsigned = { address: key.address, chainId: BigInt(CHAIN_ID), type: key.type, ...grant } as never;
  const signature = account.sign(KeyAuthorization.getSignPayload(unsigned));
  return KeyAuthorization.from({ ...(unsigned as object), signature } as never) as KeyAuthorization.Signed;
}

export const hashOf = (raw: Uint8Array) => Hash.keccak256(bytesToHex(raw));
