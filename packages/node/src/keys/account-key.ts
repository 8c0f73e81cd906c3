import { createECDH, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import type { Address, Hex } from "@ruffchain/abi";
import { bytesToHex, hexToBytes, keccak256 } from "@ruffchain/kernel";
import { KeyError } from "./key-error.js";

/** The secp256k1 key of an Ethereum account. What prints it shows the address only. */
export class AccountKey {
  readonly address: Address;
  readonly #secret: Uint8Array;

  /** Takes the 32 bytes of the private key. Throws KeyError invalidPrivateKey. */
  constructor(secret: Uint8Array) {
    this.#secret = Uint8Array.from(secret);
    this.address = addressOf(this.#secret);
  }

  static generate(): AccountKey {
    return new AccountKey(randomBytes(32));
  }

  static fromHex(secret: Hex): AccountKey {
    return new AccountKey(hexToBytes(secret));
  }

  /** The private key, for who signs with it. Do not keep it. */
  reveal(): Hex {
    return bytesToHex(this.#secret);
  }

  toJSON(): { readonly address: Address } {
    return { address: this.address };
  }

  [inspect.custom](): string {
    return `AccountKey ${this.address}`;
  }
}

function addressOf(secret: Uint8Array): Address {
  const ecdh = createECDH("secp256k1");
  if (secret.length !== 32) throw new KeyError("invalidPrivateKey");
  try {
    ecdh.setPrivateKey(secret);
  } catch {
    throw new KeyError("invalidPrivateKey");
  }
  return bytesToHex(keccak256(ecdh.getPublicKey().subarray(1)).subarray(12));
}
