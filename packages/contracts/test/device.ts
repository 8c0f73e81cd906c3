import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { devices, type Hex, keyType } from "@ruffchain/abi";
import { deviceId, enrolmentToBeSigned, type KeyKind } from "@ruffchain/cose";
import { bytesToHex } from "viem";
import { type Account, CHAIN_ID, type Chain, eventOf } from "./chain.js";

export interface TestDevice {
  readonly kind: KeyKind;
  readonly id: Hex;
  readonly keyType: number;
  readonly publicKey: Hex;
  sign(message: Uint8Array): Hex;
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** r ‖ s with low s, as COSE's ESP256 and the chain want it. */
function signP256(key: KeyObject, message: Uint8Array): Hex {
  const signature = sign("sha256", message, { key, dsaEncoding: "ieee-p1363" });
  const s = BigInt(`0x${signature.toString("hex", 32)}`);
  const low = s > P256_ORDER / 2n ? P256_ORDER - s : s;
  return `0x${signature.toString("hex", 0, 32)}${low.toString(16).padStart(64, "0")}`;
}

/** A device with a fresh key of OpenSSL's. */
export function makeDevice(kind: KeyKind): TestDevice {
  const { privateKey, publicKey } =
    kind === "p256" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519");
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const publicBytes = Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  return {
    kind,
    id: bytesToHex(deviceId(kind, publicBytes)),
    keyType: keyType[kind],
    publicKey: bytesToHex(publicBytes),
    sign: (message) => (kind === "p256" ? signP256(privateKey, message) : bytesToHex(sign(null, message, privateKey))),
  };
}

/** The device's word that it belongs to the account. */
export function signEnrolment(device: TestDevice, owner: Account, chainId = CHAIN_ID): Hex {
  return device.sign(enrolmentToBeSigned(chainId, device.kind, { device: device.id, owner: owner.id }));
}

/** Registers the device for the account. Returns its id. */
export async function registerDevice(chain: Chain, owner: Account, device: TestDevice): Promise<Hex> {
  const signature = signEnrolment(device, owner);
  const { events } = await chain.send(owner, devices, "register", [device.keyType, device.publicKey, signature]);
  return eventOf(events, "Registered").id as Hex;
}
