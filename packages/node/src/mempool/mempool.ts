import type { Address, Hex } from "@ruffchain/abi";
import { TEMPO_TYPE, type TempoTransaction, type Transaction, TransactionError } from "@ruffchain/kernel";
import { EvictionOrder, isWorse, type Rank, rank } from "./eviction-order.js";
import { Heap } from "./heap.js";
import { MAX_SELECT_MISFITS, MEMPOOL_LIMITS, type MempoolLimits, PRICE_BUMP_PERCENT } from "./limits.js";
import { Obligations } from "./obligations.js";
import { effectiveTip, feeNumber, type Pooled, pooled, validAfterOf, validBeforeOf } from "./pooled.js";
import { type AccountState, SenderQueue } from "./sender-queue.js";

/** No transaction takes less gas. */
const LEAST_GAS = 21_000;
/** Tag and length of a transaction in a CometBFT block. */
const BLOCK_ENTRY_BYTES = 4;

export interface MempoolOptions {
  /** An account in the newest committed state. */
  readonly account: (address: Address) => AccountState;
  /** The nonce that the lane of a transaction is at, where it is not its sender's own, in the newest committed state. */
  readonly laneNonce?: (tx: TempoTransaction, sender: Address) => number;
  /** Of the next block, in wei per gas. */
  readonly baseFee: bigint;
  readonly limits?: Partial<MempoolLimits>;
}

export interface BlockSpace {
  readonly gasLimit: number;
  readonly maxBytes: number;
  /** Of the block, in seconds: transactions that are valid later wait. */
  readonly time?: number;
}

/** The transactions of a sender's own lane by nonce: `pending` can be executed in this order, `queued` wait for a missing nonce. */
export interface SenderContent {
  readonly pending: readonly Transaction[];
  readonly queued: readonly Transaction[];
}

/**
 * The transactions that wait for a block, whichever engine makes it. Who puts one in has checked what holds for it by
 * itself (signature, chain id, gas); the pool checks what depends on the account and on the other transactions.
 */
export class Mempool {
  readonly #account: (address: Address) => AccountState;
  readonly #laneNonce: MempoolOptions["laneNonce"];
  readonly #limits: MempoolLimits;
  readonly #byHash = new Map<Hex, Pooled>();
  readonly #lanes = new Map<string, SenderQueue>();
  readonly #obligations = new Obligations();
  readonly #listeners = new Set<(tx: Transaction) => void>();
  #baseFee: number;
  #bytes = 0;
  #pending = 0;
  #arrivals = 0;
  /** Those that expire, the first to do so first, and some that have left. */
  #expiring = new Heap<Pooled>(expiresBefore);
  /** Made when the pool is full, valid until the base fee changes. */
  #evictionOrder: EvictionOrder | undefined;

  constructor({ account, laneNonce, baseFee, limits }: MempoolOptions) {
    this.#account = account;
    this.#laneNonce = laneNonce;
    this.#baseFee = feeNumber(baseFee);
    this.#limits = { ...MEMPOOL_LIMITS, ...limits };
  }

  /**
   * Takes a transaction in. Throws TransactionError: alreadyKnown, nonceTooLow, nonceTooHigh, underpricedReplacement,
   * senderLimit, insufficientFunds, insufficientFeePayerFunds, poolFull.
   */
  add(tx: Transaction, sender: Address): void {
    if (this.#byHash.has(tx.hash)) throw new TransactionError("alreadyKnown", { hash: tx.hash });
    const item = pooled(tx, sender, this.#arrivals++);
    const queue = this.#lanes.get(item.lane) ?? new SenderQueue(this.#stateOf(item, this.#account(sender)));
    const replaced = queue.get(tx.nonce);
    this.#checkNonce(item, queue);
    if (replaced) checkBump(item, replaced);
    else this.#checkSenderLimits(item, queue);
    this.#checkFunds(item, replaced, queue);
    this.#makeRoom(item, replaced, queue);
    if (replaced) this.#forget(replaced);
    this.#byHash.set(tx.hash, item);
    this.#lanes.set(item.lane, queue);
    this.#bytes += tx.raw.length;
    this.#obligations.add(item);
    this.#noteExpiry(item);
    this.#promoted(queue.put(item));
    if (!item.pending) this.#evictionOrder?.note(item);
  }

  /** Drops a transaction, for instance one that the application found it cannot execute. */
  remove(hash: Hex): boolean {
    const item = this.#byHash.get(hash);
    if (item) this.#drop(item);
    return item !== undefined;
  }

  /** The best-paying pending transactions that fit, each sender's in the order of their nonces. */
  select({ gasLimit, maxBytes, time = Number.POSITIVE_INFINITY }: BlockSpace): Transaction[] {
    const selected: Transaction[] = [];
    const heads = new Heap(headBefore, this.#heads(time));
    let gas = gasLimit;
    let bytes = maxBytes;
    let misfits = 0;
    for (let head = heads.peek(); head && gas >= LEAST_GAS && misfits < MAX_SELECT_MISFITS; head = heads.peek()) {
      const { tx } = head.item;
      const size = tx.raw.length + BLOCK_ENTRY_BYTES;
      const fits = tx.gasLimit <= gas && size <= bytes;
      if (fits) {
        selected.push(tx);
        gas -= tx.gasLimit;
        bytes -= size;
      } else misfits++;
      if (fits && this.#advance(head, time)) heads.topChanged();
      else heads.pop();
    }
    return selected;
  }

  /** After a commit: the senders of the block's transactions, the base fee of the next block, and its time in seconds. */
  committed({ senders, baseFee, time = 0 }: CommittedBlock): void {
    this.#baseFee = feeNumber(baseFee);
    this.#evictionOrder = undefined;
    for (const sender of new Set(senders)) {
      const lanes = [sender, ...this.#obligations.lanesOf(sender)];
      const queues = lanes.flatMap((lane) => this.#lanes.get(lane) ?? []);
      if (queues.length === 0) continue;
      const account = this.#account(sender);
      for (const queue of queues) this.#update(queue, account);
    }
    for (let first = this.#expiring.peek(); first && validBeforeOf(first) <= time; first = this.#expiring.peek()) {
      this.#expiring.pop();
      if (this.#contains(first)) this.#drop(first);
    }
  }

  has(hash: Hex): boolean {
    return this.#byHash.has(hash);
  }

  get(hash: Hex): { readonly tx: Transaction; readonly sender: Address } | undefined {
    return this.#byHash.get(hash);
  }

  /** The nonce that the sender's next transaction should have. */
  pendingNonce(sender: Address): number {
    return this.#lanes.get(sender)?.nextNonce ?? this.#account(sender).nonce;
  }

  status(): { readonly pending: number; readonly queued: number; readonly bytes: number } {
    return { pending: this.#pending, queued: this.#byHash.size - this.#pending, bytes: this.#bytes };
  }

  /**
   * The time, in seconds, from which a block can have a transaction of the pool; infinite where all wait for a nonce. What
   * the base fee is too high for counts: it falls with each empty block.
   */
  readyAt(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { items } of this.#lanes.values()) {
      const [first] = items;
      if (first?.pending) earliest = Math.min(earliest, validAfterOf(first));
      if (earliest === 0) break;
    }
    return earliest;
  }

  *content(): Generator<readonly [sender: Address, SenderContent]> {
    for (const [lane, { items }] of this.#lanes) {
      const sender = items[0]?.sender;
      if (sender === lane) yield [sender, this.contentFrom(sender)];
    }
  }

  contentFrom(sender: Address): SenderContent {
    const { items = [], pending = 0 } = this.#lanes.get(sender) ?? {};
    const transactions = items.map(({ tx }) => tx);
    return { pending: transactions.slice(0, pending), queued: transactions.slice(pending) };
  }

  /** Calls back for every transaction that becomes pending. Returns what ends it. */
  onPending(listener: (tx: Transaction) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #checkNonce({ tx, sender }: Pooled, { account, nextNonce }: SenderQueue): void {
    const { nonce } = tx;
    if (nonce < account.nonce) throw new TransactionError("nonceTooLow", { sender, nonce, expected: account.nonce });
    if (nonce > nextNonce + this.#limits.nonceGap) {
      throw new TransactionError("nonceTooHigh", { sender, nonce, expected: nextNonce });
    }
  }

  #checkSenderLimits({ tx, sender }: Pooled, { queued, nextNonce }: SenderQueue): void {
    const { txsPerSender, queuedPerSender } = this.#limits;
    const txs = (this.#lanes.get(sender)?.items.length ?? 0) + this.#obligations.txsOf(sender);
    if (txs >= txsPerSender) throw new TransactionError("senderLimit", { sender, limit: txsPerSender });
    if (tx.nonce > nextNonce && queued >= queuedPerSender) {
      throw new TransactionError("senderLimit", { sender, limit: queuedPerSender });
    }
  }

  /** All transactions of a sender together have to be covered. Others may have paid in since the balance was read. */
  #checkFunds(item: Pooled, replaced: Pooled | undefined, queue: SenderQueue): void {
    const { cost, sender, sponsor } = item;
    if (sponsor) this.#checkSponsor(sponsor, replaced);
    const want = this.#owedBy(sender) - (replaced?.cost ?? 0n) + cost;
    if (want > queue.account.balance) queue.account = this.#account(sender);
    const have = queue.account.balance;
    if (want > have) throw new TransactionError("insufficientFunds", { sender, have, want });
  }

  #checkSponsor({ address, cost }: NonNullable<Pooled["sponsor"]>, replaced: Pooled | undefined): void {
    const freed = replaced?.sponsor?.address === address ? replaced.sponsor.cost : 0n;
    const want = this.#owedBy(address) - freed + cost;
    const have = this.#account(address).balance;
    if (want > have) throw new TransactionError("insufficientFeePayerFunds", { feePayer: address, have, want });
  }

  /** Wei that the transactions in the pool take from an account at most. */
  #owedBy(account: Address): bigint {
    return (this.#lanes.get(account)?.cost ?? 0n) + this.#obligations.costOf(account);
  }

  /** What a lane is held to, of its sender's account. */
  #stateOf({ tx, sender, lane }: Pooled, account: AccountState): AccountState {
    if (lane === sender || tx.type !== TEMPO_TYPE) return account;
    return { ...account, nonce: this.#laneNonce?.(tx, sender) ?? tx.nonce };
  }

  #noteExpiry(item: Pooled): void {
    if (validBeforeOf(item) === Number.POSITIVE_INFINITY) return;
    // What has left is forgotten here when it is the most.
    if (this.#expiring.size > 2 * this.#byHash.size + 1) {
      const left = [...this.#byHash.values()].filter((each) => Number.isFinite(validBeforeOf(each)));
      this.#expiring = new Heap(expiresBefore, left);
    } else this.#expiring.push(item);
  }

  /** Evicts what is worse than the newcomer until that fits; where this is not enough, evicts nothing and throws. */
  #makeRoom(newcomer: Pooled, replaced: Pooled | undefined, queue: SenderQueue): void {
    let txs = this.#byHash.size + (replaced ? 0 : 1) - this.#limits.txs;
    let bytes = this.#bytes + newcomer.tx.raw.length - (replaced?.tx.raw.length ?? 0) - this.#limits.bytes;
    if (txs <= 0 && bytes <= 0) return;
    this.#evictionOrder ??= new EvictionOrder(this.#byHash.values(), this.#baseFee, (item) => this.#contains(item));
    const rankOfNewcomer = rank(newcomer, newcomer.tx.nonce <= queue.nextNonce, this.#baseFee);
    const taken: Rank[] = [];
    while (txs > 0 || bytes > 0) {
      const worst = this.#evictionOrder.takeWorst();
      if (worst) taken.push(worst);
      if (!worst || !isWorse(worst, rankOfNewcomer) || isBelow(worst.item, newcomer)) {
        for (const each of taken) this.#evictionOrder.restore(each);
        throw new TransactionError("poolFull", { limit: this.#limits.txs });
      }
      if (worst.item === replaced) continue;
      txs--;
      bytes -= worst.item.tx.raw.length;
    }
    for (const { item } of taken) if (item !== replaced) this.#drop(item);
  }

  #update(queue: SenderQueue, account: AccountState): void {
    const first = queue.items[0] as Pooled;
    const { dropped, promoted } = queue.update(this.#stateOf(first, account));
    for (const item of dropped) this.#forget(item);
    if (queue.items.length === 0) this.#lanes.delete(first.lane);
    this.#promoted(promoted);
  }

  #drop(item: Pooled): void {
    const queue = this.#lanes.get(item.lane);
    const demoted = queue?.remove(item) ?? [];
    if (queue?.items.length === 0) this.#lanes.delete(item.lane);
    this.#forget(item);
    this.#pending -= demoted.length;
    for (const each of demoted) this.#evictionOrder?.note(each);
  }

  #forget(item: Pooled): void {
    const { tx, pending } = item;
    this.#byHash.delete(tx.hash);
    this.#obligations.remove(item);
    this.#bytes -= tx.raw.length;
    if (pending) this.#pending--;
  }

  #promoted(items: readonly Pooled[]): void {
    this.#pending += items.length;
    for (const item of items) this.#evictionOrder?.note(item);
    for (const { tx } of items) for (const listener of this.#listeners) listener(tx);
  }

  #contains(item: Pooled): boolean {
    return this.#byHash.get(item.tx.hash) === item;
  }

  #heads(time: number): Head[] {
    const heads: Head[] = [];
    for (const queue of this.#lanes.values()) {
      const [item] = queue.items;
      if (!item?.pending || validAfterOf(item) > time) continue;
      const tip = effectiveTip(item, this.#baseFee);
      if (tip >= 0) heads.push({ queue, index: 0, item, tip });
    }
    return heads;
  }

  /** Goes on to the sender's next transaction, where there is one that a block can have now. */
  #advance(head: Head, time: number): boolean {
    const next = head.queue.items[++head.index];
    if (!next?.pending || validAfterOf(next) > time) return false;
    head.item = next;
    head.tip = effectiveTip(next, this.#baseFee);
    return head.tip >= 0;
  }
}

/** What a committed block changes for the pool. */
interface CommittedBlock {
  readonly senders: Iterable<Address>;
  readonly baseFee: bigint;
  readonly time?: number;
}

function expiresBefore(a: Pooled, b: Pooled): boolean {
  return validBeforeOf(a) < validBeforeOf(b);
}

/** The next transaction of one lane, as `select` goes along. */
interface Head {
  readonly queue: SenderQueue;
  index: number;
  item: Pooled;
  tip: number;
}

function headBefore(a: Head, b: Head): boolean {
  return a.tip === b.tip ? a.item.arrival < b.item.arrival : a.tip > b.tip;
}

/** Without `item` the newcomer could not be executed. */
function isBelow(item: Pooled, newcomer: Pooled): boolean {
  return item.lane === newcomer.lane && item.tx.nonce < newcomer.tx.nonce;
}

function checkBump({ tx }: Pooled, { tx: old }: Pooled): void {
  const fee = bumped(old.maxFeePerGas);
  const tip = bumped(old.maxPriorityFeePerGas);
  if (tx.maxFeePerGas >= fee && tx.maxPriorityFeePerGas >= tip) return;
  const minimumFeePerGas = tx.maxFeePerGas < fee ? fee : tip;
  throw new TransactionError("underpricedReplacement", { hash: old.hash, minimumFeePerGas });
}

/** Rounded up. */
function bumped(fee: bigint): bigint {
  return (fee * (100n + PRICE_BUMP_PERCENT) + 99n) / 100n;
}
