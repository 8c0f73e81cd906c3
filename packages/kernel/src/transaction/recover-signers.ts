import type { Address } from "@ruffchain/abi";
import { recoverSigner } from "../crypto/account-signature.js";
import { keccak256 } from "../crypto/keccak256.js";
import { bytesToHex } from "../hex.js";
import { TransactionError } from "./error.js";
import type { Signers, TempoTransaction } from "./transaction.js";

/** Signs in the name of an account: the type, the account, and a signature over the transaction's hash (1) or one bound to the account (2). */
const KEYCHAIN_V1 = 0x03;
const KEYCHAIN_V2 = 0x04;
const KEYCHAIN_HEADER_BYTES = 21;

/** The signature that a key has made: the inner one where the key is an access key. */
export function keySignature(signature: Uint8Array): Uint8Array {
  return isKeychain(signature) ? signature.subarray(KEYCHAIN_HEADER_BYTES) : signature;
}

/** Whether the signature is an access key's. */
export function isKeychain(signature: Uint8Array): boolean {
  return signature.length > 65 && (signature[0] === KEYCHAIN_V1 || signature[0] === KEYCHAIN_V2);
}

/**
 * The signers of a transaction. `feePayerHash` gives what the fee payer signs for a sender (20 bytes). Throws TransactionError
 * invalidSignature, invalidFeePayer and invalidKeyAuthorization.
 */
export function recoverSigners(
  tx: Pick<TempoTransaction, "signature" | "feePayerSignature" | "keyAuthorization" | "signingHash">,
  feePayerHash: (sender: Uint8Array) => Uint8Array,
): Signers {
  const { signature, feePayerSignature, keyAuthorization } = tx;
  const { sender, accessKey } = isKeychain(signature) ? recoverAccessKey(tx) : { sender: recoverSender(tx) };
  if (keyAuthorization) {
    const authorizer = recoverSigner(keyAuthorization.hash, keyAuthorization.signature);
    if (!authorizer || Buffer.compare(authorizer, sender) !== 0) {
      throw new TransactionError("invalidKeyAuthorization");
    }
  }
  let feePayer: Address | undefined;
  if (feePayerSignature) {
    const payer = recoverSigner(feePayerHash(sender), feePayerSignature);
    if (!payer) throw new TransactionError("invalidFeePayer");
    feePayer = bytesToHex(payer);
  }
  return {
    sender: bytesToHex(sender),
    ...(feePayer && { feePayer }),
    ...(accessKey && { accessKey: bytesToHex(accessKey) }),
  };
}

function recoverSender({ signature, signingHash }: Pick<TempoTransaction, "signature" | "signingHash">): Uint8Array {
  const sender = recoverSigner(signingHash(), signature);
  if (!sender) throw new TransactionError("invalidSignature");
  return sender;
}

function recoverAccessKey({ signature, signingHash }: Pick<TempoTransaction, "signature" | "signingHash">) {
  const sender = signature.slice(1, KEYCHAIN_HEADER_BYTES);
  const inner = keySignature(signature);
  const hash = signingHash();
  const signed = signature[0] === KEYCHAIN_V2 ? keccak256(Buffer.concat([Buffer.of(KEYCHAIN_V2), hash, sender])) : hash;
  const accessKey = recoverSigner(signed, inner);
  if (!accessKey) throw new TransactionError("invalidSignature");
  return { sender, accessKey };
}
