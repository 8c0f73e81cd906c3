import { Bucket, type Write } from "@ruffchain/kernel";
import { type Genesis, genesisHash } from "./genesis.js";

const GENESIS_KEY = Buffer.from("genesis");

/** What a store is marked with: the genesis that it was begun with. */
export function genesisMark(genesis: Genesis): Write & { readonly value: Uint8Array } {
  return { bucket: Bucket.engine, key: GENESIS_KEY, value: Buffer.from(genesisHash(genesis).slice(2), "hex") };
}
