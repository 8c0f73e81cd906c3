import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, test } from "node:test";
import { parseAbi } from "viem";
import { client, deploy, developer, send, signer } from "../scripts/chain.js";

/** The register of assets, a system contract (IAssets.sol has all of it). */
const assets = {
  address: "0x5255464600000000000000000000000000000004",
  abi: parseAbi(["function register(uint8 class, string identifier) returns (uint256 id)"]),
};
const OTHER = 0;

let logbook;
let car;
before(async () => {
  logbook = await deploy("Logbook");
  car = await send(signer, { ...assets, functionName: "register", args: [OTHER, randomUUID()] });
});

test("the owner of a thing writes into its logbook, and anybody reads", async () => {
  await send(signer, { ...logbook, functionName: "write", args: [car, "new tyres"] });
  const entry = await client.readContract({ ...logbook, functionName: "read", args: [car, 0n] });
  assert.equal(entry.text, "new tyres");
  assert.equal(entry.owner, signer.address);
});

test("nobody else does", async () => {
  const count = { ...logbook, functionName: "count", args: [car] };
  const had = await client.readContract(count);
  const call = { ...logbook, functionName: "write", args: [car, "stolen"] };
  await assert.rejects(send(developer(1), call), /NotOwner/);
  assert.equal(await client.readContract(count), had);
});
