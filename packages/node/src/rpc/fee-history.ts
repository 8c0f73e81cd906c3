import type { Hex } from "@ruffchain/abi";
import type { PaidGas } from "@ruffchain/kernel";
import type { Backend } from "./backend.js";
import { blockParam, listParam, quantityParam } from "./params.js";
import { newPause } from "./pause.js";
import { quantity } from "./quantity.js";
import { invalidParams, RpcError, rpcCode } from "./rpc-error.js";

/** Most blocks of one eth_feeHistory. */
export const MAX_FEE_HISTORY = 1_024;
/** Most percentiles of one eth_feeHistory. */
export const MAX_FEE_PERCENTILES = 100;

/** Base fees, use and tips of blocks, the newest last; fewer where not all are here. */
export async function feeHistory(backend: Backend, count: unknown, newest: unknown, percentiles: unknown) {
  const { application } = backend;
  const { blocks, head } = application;
  const wanted = percentilesParam(percentiles);
  const last = blockParam(newest, backend);
  if (last > head.height) throw invalidParams(`request beyond head block: requested ${last}, head ${head.height}`);
  const length = Math.min(Number(quantityParam(count, "blockCount")), MAX_FEE_HISTORY, last + 1 - blocks.first);
  const first = last + 1 - length;
  const headers = Array.from({ length }, (_, i) => blocks.header(first + i)).flatMap((header) => header ?? []);
  const next = last === head.height ? application.nextBaseFee() : blocks.header(last + 1)?.baseFeePerGas;
  const pause = newPause();
  const reward: Hex[][] = [];
  for (const { number, baseFeePerGas } of wanted.length > 0 ? headers : []) {
    reward.push(tipsOf(blocks.paidGas(number) ?? [], baseFeePerGas, wanted).map(quantity));
    await pause();
  }
  return {
    oldestBlock: quantity(first),
    baseFeePerGas: [...headers.map((header) => quantity(header.baseFeePerGas)), quantity(next ?? 0n)],
    gasUsedRatio: headers.map((header) => header.gasUsed / header.gasLimit),
    baseFeePerBlobGas: [...headers, undefined].map(() => "0x0"),
    blobGasUsedRatio: headers.map(() => 0),
    ...(wanted.length > 0 && { reward }),
  };
}

function percentilesParam(value: unknown): readonly number[] {
  const percentiles = listParam(value ?? [], "percentiles");
  if (percentiles.length > MAX_FEE_PERCENTILES) {
    throw new RpcError(rpcCode.limitExceeded, `there are at most ${MAX_FEE_PERCENTILES} percentiles`);
  }
  let least = 0;
  return percentiles.map((percentile) => {
    if (typeof percentile !== "number" || percentile < least || percentile > 100) {
      throw invalidParams("percentiles: expected numbers from 0 to 100, none below the one before");
    }
    least = percentile;
    return percentile;
  });
}

/** The tip at which so many percent of the block's gas were bought for that or less; the scheduler's gas, which has no price, is left out. */
function tipsOf(paid: readonly PaidGas[], baseFee: bigint, percentiles: readonly number[]): bigint[] {
  const tips = paid
    .filter(({ gasPrice }) => gasPrice >= baseFee)
    .map(({ gasUsed, gasPrice }) => ({ gasUsed, tip: gasPrice - baseFee }))
    .sort((a, b) => (a.tip < b.tip ? -1 : a.tip > b.tip ? 1 : 0));
  const total = tips.reduce((sum, { gasUsed }) => sum + gasUsed, 0);
  let index = 0;
  let gas = tips[0]?.gasUsed ?? 0;
  return percentiles.map((percentile) => {
    while (gas < (total * percentile) / 100 && index < tips.length - 1) gas += tips[++index]?.gasUsed ?? 0;
    return tips[index]?.tip ?? 0n;
  });
}
