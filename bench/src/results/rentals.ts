import { type LoadAccount, loadAccount, loadAccounts } from "../load/account.js";
import { makeDevice } from "../load/device.js";
import { readReceipts } from "../load/setup-transactions.js";
import type { LoadCall } from "../load/sign.js";
import { LANES, type LoadFigures, runLoad } from "../load/transaction-load.js";
import { ACCOUNTS, loadSettings, signLanes } from "../load/workload.js";
import { anvil } from "../peers/anvil.js";
import { geth } from "../peers/geth.js";
import { type Peer, type RunningPeer, withPeer } from "../peers/peer.js";
import { ruff } from "../peers/ruff.js";
import { progress } from "../progress.js";
import type { Benchmark } from "../result.js";
import { RpcError } from "../rpc/rpc-client.js";
import { prepareNativeMarket } from "./native-rental.js";
import type { PrepareMarket, RentalMarket } from "./rental-market.js";
import { prepareSolidityMarket } from "./solidity-rental.js";

/** Book, then open, check out, check in with settlement. */
export const STEPS = 4;
const USE_STEPS = STEPS - 1;
export const WARM_UP_RENTALS = 400;
const WINDOW_SECONDS = 3_600n;
const ACCOUNTS_PER_LANE = ACCOUNTS / LANES;

/** Whole rentals a second, each of an asset of its own with a device of its own. */
export const rentals: Benchmark = async ({ count, geth: withGeth }, report) => {
  const rentalCount = Math.max(1, Math.floor(count / 10 / ACCOUNTS)) * ACCOUNTS;
  const figure = await measureRentals(ruff, prepareNativeMarket, rentalCount);
  for (const peer of withGeth ? [anvil, geth] : [anvil]) {
    const settings = loadSettings(STEPS * rentalCount, ruff, peer);
    report({
      name: "c: book, check-out, check-in, settle",
      figure,
      unit: "rentals/s",
      better: "higher",
      peer: peer.name,
      peerFigure: await measureRentals(peer, prepareSolidityMarket, rentalCount),
      settings: {
        ...settings,
        rentals: rentalCount,
        warmUp: STEPS * WARM_UP_RENTALS,
        deviceSignature: "P-256 (peer: precompile 0x100, EIP-7951)",
      },
    });
  }
};

async function measureRentals(peer: Peer, prepare: PrepareMarket, count: number): Promise<number> {
  progress(`rentals: ${peer.name} …`);
  const renters = loadAccounts(ACCOUNTS);
  const firm = loadAccount(ACCOUNTS);
  const devices = Array.from({ length: WARM_UP_RENTALS + count }, makeDevice);
  const addresses = [...renters, firm].map(({ address }) => address);
  return withPeer(peer, addresses, async (running) => {
    const market = await prepare(running, firm, renters, devices);
    await rent(running, market, renters, 0, WARM_UP_RENTALS);
    const { booking, use } = await rent(running, market, renters, WARM_UP_RENTALS, count);
    const perSecond = count / (booking.seconds + use.seconds);
    progress(
      `rentals: ${peer.name} did ${Math.round(perSecond)}/s (${booking.transactions} bookings in ` +
        `${booking.seconds.toFixed(1)} s, ${use.transactions} steps of their use in ${use.seconds.toFixed(1)} s)`,
    );
    return perSecond;
  });
}

/** Books so many assets, reads which rights that gave, and uses them; what booking and use took. */
export async function rent(
  { port, chainId, ports }: RunningPeer,
  market: RentalMarket,
  renters: readonly LoadAccount[],
  firstAsset: number,
  count: number,
): Promise<{ readonly booking: LoadFigures; readonly use: LoadFigures }> {
  const from = now();
  const book = (_renter: LoadAccount, index: number) => market.book(firstAsset + index, from, from + WINDOW_SECONDS);
  const booking = await runLoad(port, signLanes(chainId, renters, count, book), ports);
  const uses = new Map<number, readonly LoadCall[]>();
  for (const { logs } of await readReceipts(port, booking.firstBlock, booking.lastBlock)) {
    for (const booked of logs.map(market.readBooking)) {
      if (booked) uses.set(booked.asset, market.use(booked.asset, booked.right, now()));
    }
  }
  const step = (_renter: LoadAccount, index: number) => {
    const call = uses.get(firstAsset + assetOf(index, count))?.[stepOf(index)];
    if (call === undefined) throw new RpcError(`asset ${firstAsset + assetOf(index, count)} was not booked`);
    return call;
  };
  return { booking, use: await runLoad(port, signLanes(chainId, renters, USE_STEPS * count, step), ports) };
}

function now(): bigint {
  return BigInt(Math.floor(Date.now() / 1000));
}

/** The accounts of a lane take turns: each opens one rental, then each checks out, then each checks in; then the next. */
function assetOf(index: number, count: number): number {
  const perLane = (USE_STEPS * count) / LANES;
  const [lane, inLane] = [Math.floor(index / perLane), index % perLane];
  const turn = Math.floor(inLane / (USE_STEPS * ACCOUNTS_PER_LANE));
  return lane * (count / LANES) + turn * ACCOUNTS_PER_LANE + (inLane % ACCOUNTS_PER_LANE);
}

function stepOf(index: number): number {
  return Math.floor(index / ACCOUNTS_PER_LANE) % USE_STEPS;
}
