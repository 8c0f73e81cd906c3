import { connect, type Socket } from "node:net";
import type { Endpoint } from "@ruffchain/node";

/** One connection as CometBFT opens it, in raw bytes: what goes out and what comes in is up to the test. */
export class AbciClient {
  readonly socket: Socket;
  /** Responses that have come, without their lengths. */
  readonly responses: Buffer[] = [];
  readonly closed: Promise<void>;
  #rest = Buffer.alloc(0);
  #wake: () => void = () => {};

  constructor(endpoint: Endpoint) {
    this.socket = connect({ ...endpoint, allowHalfOpen: true });
    this.socket.on("data", (chunk) => this.#receive(chunk));
    this.socket.on("error", () => {});
    this.socket.on("end", () => this.socket.end());
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
  }

  /** Writes requests in hex, each with its length before it. */
  send(...requests: readonly string[]): void {
    this.socket.write(Buffer.concat(requests.map((request) => framed(Buffer.from(request, "hex")))));
  }

  /** The next response, in hex. */
  async next(): Promise<string> {
    while (this.responses.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return (this.responses.shift() as Buffer).toString("hex");
  }

  async take(count: number): Promise<string[]> {
    const taken: string[] = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  #receive(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      let length = 0;
      let at = 0;
      for (let byte = 0x80; byte >= 0x80; at++) {
        if (at === this.#rest.length) return;
        byte = this.#rest[at] as number;
        length += (byte & 0x7f) * 128 ** at;
      }
      if (this.#rest.length < at + length) return;
      this.responses.push(this.#rest.subarray(at, at + length));
      this.#rest = this.#rest.subarray(at + length);
      this.#wake();
    }
  }
}

export function framed(message: Buffer): Buffer {
  const length: number[] = [];
  let rest = message.length;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) length.push((rest % 128) + 0x80);
  return Buffer.concat([Buffer.from([...length, rest]), message]);
}
