import { ruffDevelopment } from "@ruffchain/abi";
import { mnemonicToAccount } from "viem/accounts";
import { openSite } from "./site.js";

/** Everybody knows these keys: they are for development chains only. */
const MNEMONIC = "test test test test test test test test test test test junk";
const PORT = 5173;

const { url } = await openSite({
  chain: ruffDevelopment,
  bank: mnemonicToAccount(MNEMONIC, { addressIndex: 0 }),
  firm: mnemonicToAccount(MNEMONIC, { addressIndex: 1 }),
  vin: newVin(),
  port: PORT,
});
console.log(`Rent a car with a passkey at ${url} (the node must allow this page: ruff node --dev --cors ${url})`);

/** A car of its own for each start. Serial numbers of a VIN are its last digits (ISO 3779). */
function newVin(): string {
  return `WVWZZZ1JZXW${(Date.now() % 1_000_000).toString().padStart(6, "0")}`;
}
