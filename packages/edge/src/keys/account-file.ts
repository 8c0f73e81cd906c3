import type { Hex } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { EdgeError } from "../edge-error.js";
import { readSecretFile } from "./secret-file.js";

/**
 * The account that pays the gas of a device's anchors: a secp256k1 key in a file (hex, mode 600), made if there is
 * none. Throws EdgeError `keyReadableByOthers` or `invalidFile`.
 */
export async function openAccountFile(path: string): Promise<PrivateKeyAccount> {
  const text = (await readSecretFile(path, () => `${generatePrivateKey()}\n`)).trim();
  if (!/^0x[0-9a-f]{64}$/.test(text)) {
    const problem = "it is not a private key in hex";
    throw new EdgeError("invalidFile", { file: path, problem }, `${path}: ${problem}; restore it`);
  }
  return privateKeyToAccount(text as Hex);
}
