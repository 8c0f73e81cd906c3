import { generateKeyPairSync, sign } from "node:crypto";
import type { Hex } from "@ruffchain/abi";
import { deviceId } from "@ruffchain/cose";
import { bytesToHex } from "@ruffchain/kernel";

/** A device that signs with P-256. */
export interface LoadDevice {
  readonly id: Hex;
  /** x ‖ y. */
  readonly publicKey: Uint8Array;
  /** ECDSA with SHA-256: r ‖ s, s low. */
  sign(message: Uint8Array): Uint8Array;
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

export function makeDevice(): LoadDevice {
  const { privateKey: key, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const raw = Uint8Array.from(publicKey.export({ format: "der", type: "spki" }).subarray(-64));
  return {
    id: bytesToHex(deviceId("p256", raw)),
    publicKey: raw,
    sign: (message) => {
      const signature = sign("sha256", message, { key, dsaEncoding: "ieee-p1363" });
      const s = BigInt(`0x${signature.toString("hex", 32)}`);
      if (s > ORDER / 2n) signature.write((ORDER - s).toString(16).padStart(64, "0"), 32, "hex");
      return signature;
    },
  };
}
