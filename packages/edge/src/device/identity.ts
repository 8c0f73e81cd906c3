import { keyType } from "@ruffchain/abi";
import { deviceId, enrolmentToBeSigned } from "@ruffchain/cose";
import { bytesToHex, type Hex } from "viem";
import type { Signer } from "../keys/signer.js";

/** What `Devices.register` takes to enrol a device. */
export interface Enrolment {
  readonly keyType: number;
  readonly publicKey: Hex;
  readonly signature: Hex;
}

/** The id of a device on the chain: SHA-256 of its COSE_Key. */
export function idOf({ kind, publicKey }: Signer): Hex {
  return bytesToHex(deviceId(kind, publicKey));
}

/** The device agrees to be the owner's, on one chain (its id by EIP-155). */
export async function signEnrolment(signer: Signer, evmChainId: number, owner: Hex): Promise<Enrolment> {
  const { kind, publicKey } = signer;
  const enrolment = { device: idOf(signer), owner: owner.toLowerCase() as Hex };
  const signature = await signer.sign(enrolmentToBeSigned(evmChainId, kind, enrolment));
  return { keyType: keyType[kind], publicKey: bytesToHex(publicKey), signature: bytesToHex(signature) };
}
