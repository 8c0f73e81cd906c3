import { readFileSync } from "node:fs";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  type BoardInput,
  type DeviceOptions,
  epochsOf,
  openKeyFile,
  type RunningDevice,
  startDevice,
  type TimeSource,
} from "@ruffchain/edge";
import { driveLog, type SimulatedCar, simulateCar } from "@ruffchain/edge/simulate";
import { areaToBytes } from "@ruffchain/geo";
import {
  accessText,
  type Command,
  encodeCommit,
  encodeGrant,
  encodeHeader,
  type Header,
  type RightRecord,
  rightKey,
  trustGenesis,
} from "@ruffchain/light";
import { bytesToHex, type Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { onTestFinished } from "vitest";
import { encodeRight } from "../../light/test/access.js";
import { chainId, makeCommit, makeHeader, makeSigners } from "../../light/test/chain.js";
import { ordered } from "../../light/test/light-chain.js";
import { Tree } from "../../light/test/tree.js";
import { type Broker, silent, startBroker, temporaryFolder, until } from "./setting.js";

export const evmChainId = 7833;
export const asset = 7n;
export const rightId = 42n;
export const holder = privateKeyToAccount(`0x${"11".repeat(32)}`);
export const stranger = privateKeyToAccount(`0x${"22".repeat(32)}`);
export const signers = ordered(makeSigners([10n, 10n, 10n, 10n]));

/** When the device's clock starts. */
export const now = 1_795_000_000;

/** A square of some 220 m around the place where the drive begins. */
const area = areaToBytes(
  [
    [-1, -1],
    [-1, 1],
    [1, 1],
    [1, -1],
  ].map(([north = 0, east = 0]) => ({ lat: 482_175_583 + north * 10_000, lon: 84_144_950 + east * 15_000 })),
);

export const hashOf = (bytes: Uint8Array): Hex => bytesToHex(sha256(bytes));

export const right: RightRecord = {
  asset,
  holder: holder.address.toLowerCase() as Hex,
  from: BigInt(now - 3600),
  until: BigInt(now + 3600),
  area: hashOf(area),
  scope: 31,
  maxAge: 3600,
  terms: 3n,
  ticket: 99n,
};

/** The parts of a grant: a block of a chain whose state has the right. */
export function grantParts(change: Partial<RightRecord> = {}, header: Partial<Header> = {}, id = rightId) {
  const record = encodeRight({ ...right, ...change });
  const tree = new Tree([
    [rightKey(id), record],
    ...Array.from({ length: 15 }, (_, index) => [rightKey(BigInt(index + 1000)), record] as const),
  ]);
  const made = makeHeader(signers, { time: BigInt(now) * 1_000_000_000n, appHash: tree.root, ...header });
  return { header: made, commit: makeCommit(signers, made), proof: tree.prove(rightKey(id)), area };
}

export function pack(parts: ReturnType<typeof grantParts>): Uint8Array {
  return encodeGrant({ ...parts, header: encodeHeader(parts.header), commit: encodeCommit(parts.commit) });
}

/** Epochs of the drive in which the car moves inside the area, again and again. */
export const endlessWay = epochsOf(readFileSync(driveLog, "latin1"))
  .slice(2, 7)
  .map(({ sentences }) => sentences.join("\n"))
  .join("\n")
  .concat("\n")
  .repeat(200);

/** The device's time, in the hands of the test. */
class TestTime implements TimeSource {
  #ahead = 0;
  wallSeconds = now;

  monotonic(): number {
    return performance.now() + this.#ahead;
  }

  wall(): number {
    return this.wallSeconds * 1000;
  }

  advance(seconds: number): void {
    this.#ahead += seconds * 1000;
    this.wallSeconds += seconds;
  }
}

export const carBoard = (broker: string, drivers: object = {}): BoardInput => {
  const board = JSON.parse(readFileSync(new URL("../boards/car.json", import.meta.url), "utf8"));
  return { ...board, mqtt: { broker }, drivers: { ...board.drivers, ...drivers } };
};

interface Asked {
  readonly grant?: Uint8Array;
  readonly account?: typeof holder;
  readonly right?: bigint;
  readonly command?: Command;
  readonly asset?: bigint;
  readonly challenge?: Hex;
  /** What to send in the place of what would be right. */
  readonly change?: Record<string, unknown>;
}

export interface Answered {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: Record<string, unknown> & { receipt?: Record<string, string | boolean | number>; signature?: Hex };
}

/** A car with a device in it, and phones that ask. */
export interface World {
  readonly broker: Broker;
  readonly car: SimulatedCar;
  readonly device: RunningDevice;
  readonly time: TestTime;
  readonly options: DeviceOptions;
  get(path: string): Promise<Answered>;
  post(path: string, body: unknown): Promise<Answered>;
  challenge(): Promise<Hex>;
  access(asked?: Asked): Promise<Answered>;
  giveBack(asked?: Asked): Promise<Answered>;
}

export async function request(url: string, init?: RequestInit): Promise<Answered> {
  const response = await fetch(url, init);
  const body = (await response.json()) as Answered["body"];
  return { status: response.status, code: (body.error as { code: string } | undefined)?.code, body };
}

export async function startWorld(
  change: Partial<DeviceOptions> & { readonly drivers?: object; readonly noCar?: boolean; readonly way?: string } = {},
): Promise<World> {
  const broker = await startBroker();
  onTestFinished(() => broker.stop());
  const { drivers, noCar, way = readFileSync(driveLog, "latin1"), ...rest } = change;
  const car = await simulateCar({ brokerUrl: broker.url, log: way, epochsPerSecond: 100 });
  onTestFinished(() => car.close());
  if (noCar) await car.close();
  const time = new TestTime();
  const folder = await temporaryFolder();
  const options: DeviceOptions = {
    board: carBoard(broker.url, drivers),
    folder,
    signer: await openKeyFile(`${folder}/device.key`),
    evmChainId,
    asset,
    trusted: trustGenesis({
      chainId,
      time: BigInt(now - 3600) * 1_000_000_000n,
      initialHeight: 1,
      validators: signers,
    }),
    log: silent,
    time,
    ...rest,
  };
  const device = await startDevice(options);
  onTestFinished(() => device.close());
  const thing = device.edge.thing("car");
  if (!noCar) await until(() => thing.property("position").latest !== undefined);
  if (!noCar) await until(() => thing.property("locked").latest !== undefined);
  return { broker, car, time, options, ...clientOf(device) };
}

/** Starts the device of a world again, on the same folder. */
export async function restart(world: World, change: Partial<DeviceOptions> = {}): Promise<World> {
  await world.device.close();
  const options = { ...world.options, ...change };
  const device = await startDevice(options);
  onTestFinished(() => device.close());
  await until(() => device.edge.thing("car").property("locked").latest !== undefined);
  await until(() => device.edge.thing("car").property("position").latest !== undefined);
  return { ...world, options, ...clientOf(device) };
}

function clientOf(device: RunningDevice) {
  const get = (path: string) => request(`${device.url}${path}`);
  const post = (path: string, body: unknown) =>
    request(`${device.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const challenge = async () => (await get("/v1/challenge")).body.challenge as Hex;
  const signed = async (asked: Asked) => {
    const { account = holder, command = "unlock" } = asked;
    const given = asked.challenge ?? (await challenge());
    const about = {
      chainId,
      asset: asked.asset ?? asset,
      right: asked.right ?? rightId,
      command,
      challenge: Buffer.from(given.slice(2), "hex"),
    };
    const signature = await account.signMessage({ message: accessText(about) });
    return { right: about.right.toString(), challenge: given, algorithm: "eip191", signature };
  };
  return {
    device,
    get,
    post,
    challenge,
    access: async (asked: Asked = {}) => {
      const { command = "unlock", grant = pack(grantParts()), change } = asked;
      return post("/v1/access", { ...(await signed(asked)), command, grant: bytesToHex(grant), ...change });
    },
    giveBack: async (asked: Asked = {}) =>
      post("/v1/return", { ...(await signed({ ...asked, command: "lock" })), ...asked.change }),
  };
}
