import { type Application, TEMPO_TYPE, type Transaction } from "@ruffchain/kernel";
import type { RecoveryPool } from "../recovery/recovery-pool.js";
import type { Mempool } from "./mempool.js";

export interface AdmissionModules {
  readonly application: Application;
  readonly mempool: Mempool;
  readonly recovery: RecoveryPool;
}

/**
 * Puts a transaction whose stateless checks are done into the pool, when its sender is recovered. Rejects with
 * TransactionError and RecoveryError.
 */
export async function admit(tx: Transaction, { application, mempool, recovery }: AdmissionModules): Promise<void> {
  const sender = await recovery.recover(tx);
  application.senders.put(tx.hash, sender);
  if (tx.type === TEMPO_TYPE) application.checkPooled(tx, BigInt(Math.floor(Date.now() / 1000)));
  mempool.add(tx, sender);
}
