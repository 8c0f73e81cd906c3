import { type Hex, keyType } from "@ruffchain/abi";
import type { KeyKind } from "@ruffchain/cose";
import type { ContractCrypto } from "@ruffchain/kernel";

/** Whether a device signed a statement; `toBeSigned` gives the statement's bytes for the device's kind of key. */
export function verifyDevice(
  crypto: ContractCrypto,
  device: { readonly keyType: number; readonly publicKey: Hex },
  toBeSigned: (kind: KeyKind) => Uint8Array,
  signature: Hex,
): boolean {
  return device.keyType === keyType.p256
    ? crypto.verifyP256(toBeSigned("p256"), signature, device.publicKey)
    : crypto.verifyEd25519(toBeSigned("ed25519"), signature, device.publicKey);
}
