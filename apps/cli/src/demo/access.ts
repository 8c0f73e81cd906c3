import { areaToBytes } from "@ruffchain/geo";
import {
  accessText,
  type Command,
  encodeCommit,
  encodeGrant,
  encodeHeader,
  rightKey,
  rpcProvider,
  trimCommit,
} from "@ruffchain/light";
import { type Hex, hexToBytes, toHex } from "viem";
import { CliError } from "../cli-error.js";
import type { Child } from "./child.js";
import { area, card, type Fleet } from "./fleet.js";
import type { Person, World } from "./world.js";

export interface DeviceReceipt {
  readonly receipt: Readonly<Record<string, unknown>>;
  readonly signature: Hex;
}

interface DoorAnswer {
  readonly done: boolean;
  readonly receipt?: Readonly<Record<string, unknown>>;
  readonly signature?: Hex;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A phone at the car: it speaks with the car's door, and with the chain beforehand. */
export class Phone {
  readonly #world: World;
  readonly #fleet: Fleet;
  readonly #door: string;

  constructor(world: World, fleet: Fleet, door: string) {
    this.#world = world;
    this.#fleet = fleet;
    this.#door = door;
  }

  /** Gets a grant from a node: the newest signed header, and the right's record proven from it. */
  async grant(right: bigint, areaBytes = this.#fleet.area): Promise<Hex> {
    const node = rpcProvider((method, params) => this.#world.request(method, params));
    const { header, commit } = await node.signedHeader("latest");
    const needed = trimCommit(commit, await node.validators(header.height));
    const block = toHex(header.height - 1);
    const { proof } = await this.#world.request<{ proof: Hex }>("ruff_getProof", [toHex(rightKey(right)), block]);
    const parts = { header: encodeHeader(header), commit: encodeCommit(needed), proof: hexToBytes(proof) };
    return toHex(encodeGrant({ ...parts, area: areaBytes }));
  }

  /** Asks for a challenge and signs it, as a wallet does with personal_sign. */
  async sign(person: Person, right: bigint, command: Command) {
    const { challenge, chainId } = (await this.get("/v1/challenge")) as { challenge: Hex; chainId: string };
    const text = accessText({ chainId, asset: this.#fleet.asset, right, command, challenge: hexToBytes(challenge) });
    const account = this.#world.account(person);
    if (!account.signMessage) throw new CliError("this account cannot sign");
    const signature = await account.signMessage({ message: text });
    return { right: right.toString(), challenge, algorithm: "eip191", signature };
  }

  access(grant: Hex, command: Command, signed: object): Promise<DoorAnswer> {
    return this.#post("/v1/access", { grant, command, ...signed });
  }

  return(signed: object): Promise<DoorAnswer> {
    return this.#post("/v1/return", signed);
  }

  async get(path: string): Promise<unknown> {
    return (await fetch(`${this.#door}${path}`)).json();
  }

  async #post(path: string, body: object): Promise<DoorAnswer> {
    const response = await fetch(`${this.#door}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return (await response.json()) as DoorAnswer;
  }
}

/** The car must refuse, for this reason. */
export function expectRefusal(answer: DoorAnswer, code: string): string {
  if (answer.done || answer.error?.code !== code) {
    throw new CliError(`the car should have refused with ${code}, it answered ${JSON.stringify(answer)}`);
  }
  return answer.error.message;
}

/** The car must do it; its signed receipt, where a use begins or ends. */
export function expectDone(answer: DoorAnswer): DeviceReceipt | undefined {
  if (!answer.done) throw new CliError(`the car should have obeyed, it answered ${JSON.stringify(answer)}`);
  const { receipt, signature } = answer;
  return receipt && signature ? { receipt, signature } : undefined;
}

/** At the car: a stranger, another area and a replay are refused; Anna gets in while the node is not there to be asked. */
export async function openCar(world: World, phone: Phone, node: Child, right: bigint): Promise<DeviceReceipt> {
  world.chapter("The car decides");
  const mallory = await phone.access(await phone.grant(right), "unlock", await phone.sign("mallory", right, "unlock"));
  world.tell(`Mallory shows Anna's grant: refused, ${expectRefusal(mallory, "wrongHolder")}`);
  const elsewhere = areaToBytes(area.map(({ lat, lon }) => ({ lat: lat + 100_000, lon })));
  const wrong = await phone.access(
    await phone.grant(right, elsewhere),
    "unlock",
    await phone.sign("anna", right, "unlock"),
  );
  world.tell(`Anna's grant with another area: refused, ${expectRefusal(wrong, "wrongArea")}`);

  const grant = await phone.grant(right);
  const signed = await phone.sign("anna", right, "unlock");
  node.freeze();
  let receipt: DeviceReceipt | undefined;
  try {
    receipt = expectDone(await phone.access(grant, "unlock", signed));
    world.tell(
      `Anna's grant (${(grant.length - 2) / 2} bytes): the car opens. The node was stopped meanwhile: nobody was asked`,
    );
    const again = await phone.access(grant, "unlock", signed);
    world.tell(`the same message again: refused, ${expectRefusal(again, "challengeUsed")}`);
  } finally {
    node.thaw();
  }
  if (!receipt) throw new CliError("the car gave no receipt of the check-out");
  return receipt;
}

/** A grant that was proven longer ago than the right allows is refused, wherever the car is. */
export async function refuseStale(
  world: World,
  phone: Phone,
  right: bigint,
  stale: { readonly grant: Hex; readonly takenAt: number },
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, stale.takenAt + (card.maxAge + 2) * 1000 - Date.now()));
  const old = await phone.access(stale.grant, "unlock", await phone.sign("anna", right, "unlock"));
  world.tell(`a grant from before the drive: refused, ${expectRefusal(old, "grantTooOld")}`);
}
