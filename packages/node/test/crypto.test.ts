import { expect, test } from "vitest";
import { verdicts } from "../../light/test/zip215.js";
import { nodeCrypto } from "../dist/crypto.js";

test.each(verdicts)("Ed25519 by ZIP 215: %s", (_, publicKey, message, signature, valid) => {
  expect(nodeCrypto.verifyEd25519(publicKey, message, signature)).toBe(valid);
});
