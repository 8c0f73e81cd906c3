import type { Address, Hex } from "@ruffchain/abi";
import type { Log } from "../block/receipt.js";
import { keccak256 } from "../crypto/keccak256.js";
import { bytesToHex } from "../hex.js";
import type { TracedCall, TracedResult, Tracer } from "./tracer.js";

/** Where eth_simulateV1 lets moves of native value appear as transfers of a token. */
const NATIVE_TOKEN: Address = `0x${"ee".repeat(20)}`;
const TRANSFER = bytesToHex(keccak256(Buffer.from("Transfer(address,address,uint256)")));
const MOVES_VALUE: ReadonlySet<TracedCall["type"]> = new Set(["CALL", "CREATE", "CREATE2", "SELFDESTRUCT"]);

/** The logs of a call, with one for each move of native value among them where asked for, and how the call ended. */
export class TransferLogs implements Tracer {
  readonly logs: Log[] = [];
  /** Of the outermost call; undefined where it succeeded. */
  error: string | undefined;
  readonly #withTransfers: boolean;
  /** How many logs there were when the calls under way began. */
  readonly #before: number[] = [];

  constructor(withTransfers: boolean) {
    this.#withTransfers = withTransfers;
  }

  enter({ type, from, to, value }: TracedCall): void {
    this.#before.push(this.logs.length);
    if (!this.#withTransfers || value === 0n || !MOVES_VALUE.has(type)) return;
    const data = Buffer.from(value.toString(16).padStart(64, "0"), "hex");
    this.logs.push({ address: NATIVE_TOKEN, topics: [TRANSFER, topicOf(from), topicOf(to)], data });
  }

  exit({ error }: TracedResult): void {
    const before = this.#before.pop() ?? 0;
    this.error = error;
    if (error !== undefined) this.logs.length = before;
  }

  log(log: Log): void {
    this.logs.push(log);
  }
}

function topicOf(address: Address): Hex {
  return `0x${address.slice(2).padStart(64, "0")}`;
}
