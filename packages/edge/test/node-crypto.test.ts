import { nodeCrypto } from "@ruffchain/edge";
import { expect, test } from "vitest";
import { verdicts, withTorsion } from "../../light/test/zip215.js";
import { grantParts, pack, signers, startWorld } from "./world.js";

test.each(verdicts)("Ed25519 by ZIP 215: %s", (_, publicKey, message, signature, valid) => {
  expect(nodeCrypto.verifyEd25519(publicKey, message, signature)).toBe(valid);
});

test("one validator with signatures that only CometBFT takes locks nobody out", async () => {
  const w = await startWorld();
  const parts = grantParts();
  const grant = pack({ ...parts, commit: withTorsion(parts.commit, signers, 0) });
  expect(await w.access({ grant })).toMatchObject({ status: 200, body: { done: true } });
});
