import type { Address, Hex } from "@ruffchain/abi";
import { bytesToHex, type ContractCrypto, keccak256 } from "@ruffchain/kernel";

/** What of a context typed data is bound to and hashed with. */
interface Bound {
  readonly self: Address;
  readonly chainId: number;
  readonly crypto: Pick<ContractCrypto, "keccak256">;
}

/** Every contract's; what is signed changes its version when its meaning does. */
const VERSION = "1";
/** EIP-5267: name, version, chainId and verifyingContract are in the domain. */
const FIELDS = "0x0f";
const NO_SALT = `0x${"00".repeat(32)}` as const;
const DOMAIN_TYPE = typeHash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
const VERSION_HASH = bytesToHex(keccak256(Buffer.from(VERSION)));

/** The hash of a type as EIP-712 writes it: `Permit(address owner,…)`. */
export function typeHash(type: string): Hex {
  return bytesToHex(keccak256(Buffer.from(type)));
}

/** Numbers, addresses and hashes as words of 32 bytes, one after another: EIP-712's encodeData. */
export function words(...values: readonly (bigint | number | Hex)[]): Hex {
  const digits = values.map((value) => (typeof value === "string" ? value.slice(2) : value.toString(16)));
  return `0x${digits.map((word) => word.padStart(64, "0")).join("")}`;
}

/** EIP-712's domain separator of the contract that runs, under a name. */
export function domainSeparator({ self, chainId, crypto }: Bound, name: string): Hex {
  return crypto.keccak256(words(DOMAIN_TYPE, crypto.keccak256(Buffer.from(name, "utf8")), VERSION_HASH, chainId, self));
}

/** The hash that is signed: of a struct that is hashed already, in the domain of the contract that runs. */
export function typedDataHash(ctx: Bound, name: string, structHash: Hex): Hex {
  return ctx.crypto.keccak256(`0x1901${domainSeparator(ctx, name).slice(2)}${structHash.slice(2)}`);
}

/** What EIP-5267's `eip712Domain` answers. */
export function domainOf({ self, chainId }: Bound, name: string) {
  return [FIELDS, name, VERSION, BigInt(chainId), self, NO_SALT, []] as const;
}
