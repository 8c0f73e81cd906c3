import { devices } from "@ruffchain/abi";
import { hexToBytes } from "viem";
import type { Trust } from "../trusted-header.js";
import { type BatchEvidence, verifiedBatch } from "../verified-state.js";
import type { Phone } from "./access.js";
import type { Fleet } from "./fleet.js";
import type { World } from "./world.js";

const WAIT_MS = 20_000;

/** One telemetry record, verified by its inclusion proof down from a signed header. */
export async function verifyTelemetry(world: World, fleet: Fleet, phone: Phone, trust: Trust) {
  world.chapter("Evidence");
  const until = Date.now() + WAIT_MS;
  let status = (await phone.get("/v1/status")) as { anchored: number };
  while (status.anchored === 0 && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    status = (await phone.get("/v1/status")) as { anchored: number };
  }
  const evidence = (await phone.get("/v1/batches/1/proof")) as BatchEvidence;
  const { publicKey } = await world.read(devices, "device", [fleet.device]);
  const steps: string[] = [];
  const { batch, header } = await verifiedBatch(world.rpc, trust, evidence, hexToBytes(publicKey), steps);
  for (const step of steps) world.tell(step);
  const [record] = batch.pack.records;
  world.tell(
    `first reading: ${JSON.stringify(record)}, ${batch.pack.baseName} at ${new Date(batch.pack.baseTime * 1000).toISOString()}`,
  );
  return { header: header.height, batch: batch.sequence, readings: batch.pack.records.length, steps };
}
