import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { type Address, type Hex, staking, validatorProofMessage } from "@ruffchain/abi";
import { type Account, CHAIN_ID, type Chain, type ConsensusKey } from "./chain.js";

export const TOKEN = 10n ** 18n;
/** PKCS #8 (RFC 8410) up to the seed. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

export interface SigningKey extends ConsensusKey {
  sign(message: string): Hex;
}

/** A validator's consensus key; the same number is the same key. */
export function consensusKey(number: number): SigningKey {
  const seed = Buffer.alloc(32, number + 1);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  const publicKey = Buffer.from(x, "base64url");
  return {
    publicKey: `0x${publicKey.toString("hex")}`,
    address: `0x${createHash("sha256").update(publicKey).digest("hex").slice(0, 40)}`,
    sign: (message) => `0x${sign(null, Buffer.from(message, "utf8"), key).toString("hex")}`,
  };
}

/** The proof that the operator has the key. */
export function proofOf(key: SigningKey, operator: Account, chainId = CHAIN_ID): Hex {
  return key.sign(validatorProofMessage(chainId, operator.id));
}

export const NO_COMMISSION = [0, 100_000_000, 100_000_000] as const;

/** Makes the account a validator with so many tokens of its own. */
export async function createValidator(
  chain: Chain,
  operator: Account,
  key: SigningKey,
  tokens: bigint,
  [commission, maximum, change]: readonly [number, number, number] = NO_COMMISSION,
) {
  const args = [key.publicKey, proofOf(key, operator), "name", "", commission, maximum, change] as const;
  return chain.send(operator, staking, "createValidator", args, { value: tokens * TOKEN });
}

export async function delegate(chain: Chain, delegator: Account, validator: Account, tokens: bigint) {
  return chain.send(delegator, staking, "delegate", [validator.id], { value: tokens * TOKEN });
}

/** Empty blocks until one that ends an epoch; its answer. */
export async function nextEpoch(chain: Chain) {
  const { nextEpoch: height } = await chain.read(staking, "totals", []);
  let last = await chain.block();
  while (BigInt(chain.app.head.height) < height) last = await chain.block();
  return last;
}

/** Until no power of stake that is leaving now is left in the engine's set. */
export async function powerIsGone(chain: Chain) {
  await nextEpoch(chain);
  for (let i = 0; i < 2; i++) await chain.block();
}

/** Powers as an engine has them that was told of these updates. */
export function followUpdates(powers: Map<Hex, bigint>, updates: Awaited<ReturnType<Chain["block"]>>["response"]) {
  for (const { publicKey, power } of updates.validatorUpdates) {
    const key: Hex = `0x${Buffer.from(publicKey.bytes).toString("hex")}`;
    if (power > 0n) powers.set(key, power);
    else if (!powers.delete(key)) throw new Error(`${key} is to leave a set that it is not in`);
  }
  if (powers.size === 0) throw new Error("the set is empty");
}

export async function powersOf(chain: Chain): Promise<Map<Hex, bigint>> {
  const members = await chain.read(staking, "activeSet", []);
  return new Map(members.map(({ publicKey, power }) => [publicKey, power]));
}

export async function stakeOf(chain: Chain, delegator: Account, validator: Account): Promise<bigint> {
  return (await chain.read(staking, "delegation", [delegator.id, validator.id])).stake;
}

export async function totalsOf(chain: Chain) {
  return chain.read(staking, "totals", []);
}

export function balanceOf(chain: Chain, address: Address): bigint {
  return chain.app.account(address).balance;
}
