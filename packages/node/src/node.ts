import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Address, Hex } from "@ruffchain/abi";
import { systemContracts } from "@ruffchain/contracts";
import { Application, type BlockRecord, Bucket, type Transaction, TransactionError } from "@ruffchain/kernel";
import type { Logger } from "pino";
import type { Engine, SignedHeader } from "./engine/engine.js";
import { mempoolSource } from "./engine/mempool-source.js";
import { SoloEngine, type ValidatorSigner } from "./engine/solo.js";
import { type Genesis, genesisHash } from "./genesis/genesis.js";
import { Mempool } from "./mempool/mempool.js";
import { Metrics } from "./metrics/metrics.js";
import { type Health, OperatorServer } from "./metrics/operator-server.js";
import { RecoveryPool } from "./recovery/recovery-pool.js";
import { RpcServer } from "./rpc/rpc-server.js";
import { LmdbStore } from "./store/lmdb-store.js";

export interface NodeOptions {
  /** Folder of the node's data; made if missing. */
  readonly dataDirectory: string;
  readonly genesis: Genesis;
  readonly validator: ValidatorSigner;
  /** Loopback unless told. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly rpcPort: number;
  /** Port of /metrics and /health; 0 takes a free one. */
  readonly operatorPort: number;
  readonly corsOrigins?: readonly string[];
  readonly blockTimeMs: number;
  readonly emptyBlockMs: number;
  readonly historyWindow?: number;
  readonly archive?: boolean;
  readonly recoveryThreads?: number;
  readonly logger: Logger;
}
