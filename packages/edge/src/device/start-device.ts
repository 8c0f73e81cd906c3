import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Provider, TrustedState } from "@ruffchain/light";
import type { Logger } from "pino";
import type { Hex } from "viem";
import type { AnchorChain } from "../anchor/anchor-chain.js";
import { Anchorer } from "../anchor/anchorer.js";
import { invalid } from "../board/parse-board.js";
import { Clock, type TimeSource } from "../clock/clock.js";
import { openDoor } from "../door/door.js";
import { createEdge, type Edge } from "../edge.js";
import { lockFolder } from "../files/folder-lock.js";
import { Follower } from "../guard/follower.js";
import { Guard, HEADER_SLACK_SECONDS, MAX_GRANT_AGE_SECONDS, TRUST_PERIOD_SECONDS } from "../guard/guard.js";
import { receiptSigner } from "../guard/sign-receipt.js";
import { Journal } from "../journal/journal.js";
import type { Signer } from "../keys/signer.js";
import type { MqttCredentials } from "../mqtt/mqtt-link.js";
import { BatchSigner } from "../telemetry/batch-signer.js";
import { Recorder } from "../telemetry/recorder.js";
import { DeviceState } from "./device-state.js";
import { idOf } from "./identity.js";
import { readMeters } from "./meters.js";

export interface DeviceOptions {
  /** The board's JSON. */
  readonly board: unknown;
  /** Where the device keeps its state and its log; one process at a time. */
  readonly folder: string;
  readonly signer: Signer;
  /** The id by EIP-155, which signed statements name. */
  readonly evmChainId: number;
  /** The asset that the device belongs to. */
  readonly asset: bigint;
  /** What is trusted at the first start: see trustGenesis and trustBlock of packages/light. */
  readonly trusted: TrustedState;
  readonly log: Logger;
  /** Without it nothing is anchored; all is kept. */
  readonly anchoring?: { readonly chain: AnchorChain; readonly everySeconds: number };
  /** A node by which the device follows the chain; without it only what phones bring leads on. */
  readonly following?: { readonly provider: Provider; readonly everySeconds: number };
  /** Port of the local door; 0 or left out: any free one. */
  readonly port?: number;
  readonly credentials?: MqttCredentials;
  readonly time?: TimeSource;
  readonly logQuotaBytes?: number;
  readonly headerSlackSeconds?: number;
  readonly maxGrantAgeSeconds?: number;
  readonly trustPeriodSeconds?: number;
}

/** A device that runs: its things, its evidence, and the door for phones. */
export interface RunningDevice {
  readonly id: Hex;
  readonly url: string;
  readonly edge: Edge;
  readonly guard: Guard;
  readonly journal: Journal;
  /** Signs what was collected so far as a batch; durable when it resolves. */
  flush(): Promise<void>;
  /** Anchors now; throws what hinders it. Without anchoring it does nothing. */
  anchorNow(): Promise<void>;
  /** Writes down all that was collected and ends. */
  close(): Promise<void>;
}

/** Starts a device: its drivers, its log, its guard and its door. Throws EdgeError, see EdgeFailures. */
export async function startDevice(options: DeviceOptions): Promise<RunningDevice> {
  const { folder, signer, log, asset, evmChainId, trusted } = options;
  const { chainId } = trusted;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const opened = [await lockFolder(folder)];
  const closeAll = async () => {
    for (let close = opened.pop(); close; close = opened.pop()) await close();
  };
  try {
    const state = await DeviceState.open(join(folder, "device.json"), trusted);
    const clock = new Clock(() => state.newestHeaderTime, options.time);
    const quota = options.logQuotaBytes === undefined ? {} : { quotaBytes: options.logQuotaBytes };
    const journal = await Journal.open({ folder: join(folder, "log"), log, ...quota });
    opened.push(() => journal.close());
    const credentials = options.credentials === undefined ? {} : { credentials: options.credentials };
    const edge = await createEdge(options.board, { folder, clock, log, ...credentials });
    opened.push(() => edge.close());
    const { telemetry, access } = edge.board;
    if (!telemetry) throw invalid(["telemetry"], "a device needs it");
    if (!access) throw invalid(["access"], "a device needs it");

    const device = idOf(signer);
    const thing = edge.thing(access.thing);
    const meters = () => readMeters(thing, access);
    const by = { device, evmChainId, signer, clock, journal, meters, boot: state.boot };
    const recorder = new Recorder({ telemetry, things: edge.things, clock, log, signer: new BatchSigner(by) });
    opened.push(() => recorder.close());
    const guard = new Guard({
      chainId,
      asset,
      thing,
      access,
      state,
      clock,
      log: log.child({ part: "guard" }),
      note: (name, value) => recorder.note(name, value),
      sign: receiptSigner(by),
      headerSlackSeconds: options.headerSlackSeconds ?? HEADER_SLACK_SECONDS,
      maxGrantAgeSeconds: options.maxGrantAgeSeconds ?? MAX_GRANT_AGE_SECONDS,
      trustPeriodSeconds: options.trustPeriodSeconds ?? TRUST_PERIOD_SECONDS,
    });
    opened.push(() => guard.close());
    const { following } = options;
    const follower = following && new Follower({ guard, ...following, log: log.child({ part: "follower" }) });
    if (follower) opened.push(() => follower.close());
    const { anchoring } = options;
    const anchorer = anchoring && new Anchorer({ ...by, ...anchoring, log: log.child({ part: "anchors" }) });
    if (anchorer) opened.push(() => anchorer.close());
    const parts = { things: edge.things, guard, journal, chainId, asset, log: log.child({ part: "door" }) };
    const door = await openDoor({ ...parts, port: options.port ?? 0 });
    opened.push(() => door.close());
    log.info({ device, boot: state.boot, url: door.url, batches: journal.lastBatch }, "device runs");
    return {
      id: device,
      url: door.url,
      edge,
      guard,
      journal,
      flush: async () => {
        await recorder.flush();
      },
      anchorNow: async () => {
        await recorder.flush();
        await anchorer?.anchorNow();
      },
      close: closeAll,
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
