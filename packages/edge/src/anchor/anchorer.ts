import { anchorToBeSigned, merkleRoot } from "@ruffchain/cose";
import type { Logger } from "pino";
import { bytesToHex, type Hex, zeroHash } from "viem";
import type { Meters } from "../device/meters.js";
import { sha256 } from "../device/node-crypto.js";
import type { Journal } from "../journal/journal.js";
import type { Signer } from "../keys/signer.js";
import type { SignedAnchor } from "./anchor.js";
import type { AnchorChain } from "./anchor-chain.js";

/** Most batches under one anchor; a device that was offline for long makes several. */
export const MAX_BATCHES_PER_ANCHOR = 1000;
export const FIRST_RETRY_MILLISECONDS = 1000;
export const LAST_RETRY_MILLISECONDS = 300_000;

export interface AnchorerOptions {
  readonly journal: Journal;
  readonly device: Hex;
  /** The id by EIP-155, which signed statements name. */
  readonly evmChainId: number;
  readonly signer: Signer;
  readonly chain: AnchorChain;
  readonly meters: () => Meters;
  readonly log: Logger;
  /** How often new batches are anchored. */
  readonly everySeconds: number;
}

/**
 * Anchors what was recorded. An anchor is signed once, kept, and handed in until the chain has it: two different
 * anchors of one sequence would prove that the device's key is in two hands.
 */
export class Anchorer {
  readonly #options: AnchorerOptions;
  #timer: NodeJS.Timeout | undefined;
  #retry = FIRST_RETRY_MILLISECONDS;
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(options: AnchorerOptions) {
    this.#options = options;
    this.#plan(options.everySeconds * 1000);
  }

  /** Anchors now what is there, and resolves when that was tried. Throws what hindered it; it will be tried again. */
  async anchorNow(): Promise<void> {
    await this.#working?.catch(() => undefined); // who started that round hears of it
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#working?.catch(() => undefined); // logged, and tried again after the next start
  }

  #plan(milliseconds: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#round(), milliseconds);
    this.#timer.unref();
  }

  async #round(): Promise<void> {
    try {
      await this.anchorNow();
      this.#retry = FIRST_RETRY_MILLISECONDS;
      this.#plan(this.#options.everySeconds * 1000);
    } catch (error) {
      this.#options.log.warn({ err: error, retryIn: this.#retry }, "could not anchor now");
      this.#plan(this.#retry);
      this.#retry = Math.min(this.#retry * 2, LAST_RETRY_MILLISECONDS);
    }
  }

  async #work(): Promise<void> {
    const { journal, chain, device } = this.#options;
    const latest = await chain.latest(device);
    if (latest?.forked) {
      throw new Error("the chain has two anchors of one sequence by this device's key: its owner must clear that");
    }
    const known = latest?.sequence ?? 0n;
    const own = journal.anchors.find(({ anchor }) => anchor.sequence === known);
    if (latest && own?.anchor.root !== latest.root) {
      throw new Error(
        `anchor ${known} on the chain is not this device's: its key is used elsewhere, or its log was lost`,
      );
    }
    journal.confirm(known);
    for (const signed of journal.anchors.filter(({ anchor }) => anchor.sequence > known)) await this.#send(signed);
    for (let next = await this.#sign(); next && !this.#closed; next = await this.#sign()) await this.#send(next);
  }

  async #send(signed: SignedAnchor): Promise<void> {
    const { journal, chain, log } = this.#options;
    await chain.send(signed);
    journal.confirm(signed.anchor.sequence);
    log.info({ sequence: signed.anchor.sequence.toString(), batches: signed.anchor.count }, "anchored");
  }

  /** Signs and keeps an anchor over the oldest batches that have none. */
  async #sign(): Promise<SignedAnchor | undefined> {
    const { journal, device, signer, meters, evmChainId } = this.#options;
    const batches = journal.unanchored(MAX_BATCHES_PER_ANCHOR);
    const [first] = batches;
    const last = batches.at(-1);
    if (!first || !last) return undefined;
    const previous = journal.anchors.at(-1)?.anchor;
    const anchor = {
      device,
      sequence: (previous?.sequence ?? 0n) + 1n,
      previous: previous?.root ?? zeroHash,
      root: bytesToHex(
        merkleRoot(
          batches.map(({ leaf }) => leaf),
          sha256,
        ),
      ),
      count: batches.length,
      from: BigInt(first.time),
      until: BigInt(last.time),
      ...meters(),
    };
    const signature = bytesToHex(await signer.sign(anchorToBeSigned(evmChainId, signer.kind, anchor)));
    const signed = { anchor, signature, firstBatch: first.sequence };
    await journal.addAnchor(signed);
    return signed;
  }
}
