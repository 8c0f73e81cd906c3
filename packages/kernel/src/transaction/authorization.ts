import type { Address } from "@ruffchain/abi";
import { keccak256 } from "../crypto/keccak256.js";
import { recoverAddress } from "../crypto/recover-address.js";
import { bytesToHex, hexToBytes } from "../hex.js";
import { encodeRlp, type RlpItem, rlpBigint, rlpBytes, rlpList, rlpNumber } from "../rlp.js";
import { TransactionError } from "./error.js";
import { signatureField } from "./fields.js";

/** EIP-7702: who signed it wants its account to run the code of an address; the zero address takes that back. */
export interface Authorization {
  /** Zero for any chain. */
  readonly chainId: bigint;
  readonly address: Address;
  /** The account's, when the authorization takes effect. */
  readonly nonce: bigint;
  /** Only 0 and 1 are good. */
  readonly yParity: number;
  /** r‖s, 64 bytes. */
  readonly signature: Uint8Array;
}

const MAGIC = 0x05;
const MAX_UINT8 = 0xff;
const MAX_UINT64 = (1n << 64n) - 1n;

/** A list of [chainId, address, nonce, yParity, r, s]. Whether they are good is no matter of decoding. */
export function authorizationListField(item: RlpItem | undefined): readonly Authorization[] {
  return rlpList(item).map((entry) => {
    const [chainId, address, nonce, yParity, r, s] = rlpList(entry, 6);
    const authorization = {
      chainId: rlpBigint(chainId),
      address: bytesToHex(rlpBytes(address, 20)),
      nonce: rlpBigint(nonce),
      yParity: rlpNumber(yParity),
      signature: signatureField(r, s),
    };
    if (authorization.nonce > MAX_UINT64 || authorization.yParity > MAX_UINT8) {
      throw new TransactionError("malformed", { reason: "an authorization's nonce or yParity does not fit its type" });
    }
    return authorization;
  });
}

/** The account that an authorization speaks for; undefined where its signature is nobody's. */
export function authorityOf({ chainId, address, nonce, yParity, signature }: Authorization): Address | undefined {
  if (yParity > 1) return undefined;
  const message = encodeRlp([chainId, hexToBytes(address), nonce]);
  const authority = recoverAddress(
    keccak256(Buffer.concat([Uint8Array.of(MAGIC), message])),
    signature,
    yParity as 0 | 1,
  );
  return authority && bytesToHex(authority);
}
