import { type Crypto, nobleCrypto, verifyCommit } from "@ruffchain/light";
import { describe, expect, test } from "vitest";
import { chainId, makeCommit, makeHeader, makeSigners } from "./chain.js";
import { nodeCrypto } from "./node-crypto.js";
import { codeOf } from "./refusal.js";
import { verdicts, withTorsion } from "./zip215.js";

describe.each<[string, Crypto]>([
  ["noble", nobleCrypto],
  ["node", nodeCrypto],
])("Ed25519 by ZIP 215 with %s crypto", (_, crypto) => {
  test.each(verdicts)("%s", (_name, publicKey, message, signature, valid) => {
    expect(crypto.verifyEd25519(publicKey, message, signature)).toBe(valid);
  });

  test("a commit that CometBFT takes is taken", () => {
    const signers = makeSigners([10n, 10n, 10n, 10n]);
    const header = makeHeader(signers);
    const commit = withTorsion(makeCommit(signers, header), signers, 0);
    expect(codeOf(() => verifyCommit(signers, chainId, header, commit, crypto))).toBeUndefined();
  });
});
