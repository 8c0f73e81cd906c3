import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Seconds up to which a block or a request may take, for the buckets of histograms. */
const BLOCK_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const REQUEST_SECONDS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1];

/** What the node counts. Names follow Prometheus' habits: base units, `_total` for counters. */
export class Metrics {
  readonly registry = new Registry();
  readonly height = new Gauge({
    name: "ruff_block_height",
    help: "Newest committed height",
    registers: [this.registry],
  });
  readonly transactions = new Counter({
    name: "ruff_transactions_total",
    help: "Transactions in committed blocks, by outcome",
    labelNames: ["outcome"] as const,
    registers: [this.registry],
  });
  readonly gas = new Counter({
    name: "ruff_gas_total",
    help: "Gas used in committed blocks",
    registers: [this.registry],
  });
  readonly blockSeconds = new Histogram({
    name: "ruff_block_seconds",
    help: "Time to select, execute, sign and commit a block",
    buckets: BLOCK_SECONDS,
    registers: [this.registry],
  });
  readonly refusals = new Counter({
    name: "ruff_refused_transactions_total",
    help: "Transactions that the pool refused, by code",
    labelNames: ["code"] as const,
    registers: [this.registry],
  });
  readonly passedOver = new Counter({
    name: "ruff_passed_over_transactions_total",
    help: "Transactions of peers that were not looked at, for too many waited",
    registers: [this.registry],
  });
  readonly contractFaults = new Counter({
    name: "ruff_contract_faults_total",
    help: "Calls that ended in a fault of contract code",
    registers: [this.registry],
  });
  readonly rpcSeconds = new Histogram({
    name: "ruff_rpc_seconds",
    help: "Time to answer a JSON-RPC call, by method",
    labelNames: ["method"] as const,
    buckets: REQUEST_SECONDS,
    registers: [this.registry],
  });

  /** `pool` is read when the metrics are. */
  constructor(pool: () => { readonly pending: number; readonly queued: number; readonly bytes: number }) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: "ruff_mempool_transactions",
      help: "Transactions that wait, by whether they can be executed now",
      labelNames: ["state"] as const,
      registers: [this.registry],
      collect() {
        const { pending, queued } = pool();
        this.set({ state: "pending" }, pending);
        this.set({ state: "queued" }, queued);
      },
    });
    new Gauge({
      name: "ruff_mempool_bytes",
      help: "Bytes of the transactions that wait",
      registers: [this.registry],
      collect() {
        this.set(pool().bytes);
      },
    });
  }
}
