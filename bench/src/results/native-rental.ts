import {
  assetClass,
  assets,
  assetsAbi,
  devices as deviceRegistry,
  devicesAbi,
  type Hex,
  keyType,
  market,
  marketAbi,
  rights,
  rightsAbi,
  tokenAbi,
  usage,
  usageAbi,
} from "@ruffchain/abi";
import { enrolmentToBeSigned, type ReceiptKind, receiptToBeSigned } from "@ruffchain/cose";
import { bytesToHex } from "@ruffchain/kernel";
import { encodeEventTopics, encodeFunctionData, maxUint256 } from "viem";
import type { LoadDevice } from "../load/device.js";
import { type Receipt, sendFromEach, sendSetup } from "../load/setup-transactions.js";
import type { LoadCall } from "../load/sign.js";
import { RpcError } from "../rpc/rpc-client.js";
import { makeToken, setupCall } from "./currency.js";
import { ANYWHERE, BEGIN, CARD, END, HERE, type PrepareMarket, RENTAL_GAS } from "./rental-market.js";

const [REGISTERED] = encodeEventTopics({ abi: assetsAbi, eventName: "Registered" });
const [RATE_CARD_SET] = encodeEventTopics({ abi: marketAbi, eventName: "RateCardSet" });
const [BOOKED] = encodeEventTopics({ abi: marketAbi, eventName: "Booked" });

/** Market, Rights and Usage. */
export const prepareNativeMarket: PrepareMarket = async (running, firm, renters, devices) => {
  const { chainId } = running;
  const currency = await makeToken(running, firm, renters);
  const register = (serial: number) =>
    encodeFunctionData({ abi: assetsAbi, functionName: "register", args: [assetClass.other, `BENCH-${serial}`] });
  const registered = await sendSetup(
    running,
    firm,
    devices.map((_, index) => setupCall(assets.address, register(index))),
  );
  const firstAsset = firstNumber(registered, REGISTERED, 1);
  await sendSetup(running, firm, [setupCall(rights.address, allowMarket()), ...devices.map(enrol)]);
  await sendSetup(running, firm, devices.map(bind));
  const offered = await sendSetup(running, firm, devices.map(setRateCard));
  const firstCard = firstNumber(offered, RATE_CARD_SET, 2);
  const approvals = [market.address, usage.address].map((spender) => {
    const data = encodeFunctionData({ abi: tokenAbi, functionName: "approve", args: [spender, maxUint256] });
    return setupCall(currency, data);
  });
  for (const approval of approvals) await sendFromEach(running, renters, approval);

  function enrol({ id, publicKey, sign }: LoadDevice): LoadCall {
    const signature = sign(enrolmentToBeSigned(chainId, "p256", { device: id, owner: firm.address }));
    const args = [keyType.p256, bytesToHex(publicKey), bytesToHex(signature)] as const;
    return setupCall(deviceRegistry.address, encodeFunctionData({ abi: devicesAbi, functionName: "register", args }));
  }

  function bind({ id }: LoadDevice, index: number): LoadCall {
    const args = [id, firstAsset + BigInt(index)] as const;
    return setupCall(deviceRegistry.address, encodeFunctionData({ abi: devicesAbi, functionName: "bind", args }));
  }

  function setRateCard(_device: LoadDevice, index: number): LoadCall {
    const args = [firstAsset + BigInt(index), { ...CARD, currency, area: ANYWHERE }] as const;
    return setupCall(market.address, encodeFunctionData({ abi: marketAbi, functionName: "setRateCard", args }));
  }

  function receiptCall(is: ReceiptKind, asset: number, right: bigint, time: bigint): LoadCall {
    const { id, sign } = devices[asset] as LoadDevice;
    const receipt = { device: id, right, time, ...HERE, ...(is === "checkOut" ? BEGIN : END) };
    const signature = bytesToHex(sign(receiptToBeSigned(chainId, "p256", is, receipt)));
    return usageCall(encodeFunctionData({ abi: usageAbi, functionName: is, args: [receipt, signature] }));
  }

  return {
    book(asset, from, until) {
      const args = [firstCard + BigInt(asset), from, until, ANYWHERE] as const;
      const data = encodeFunctionData({ abi: marketAbi, functionName: "book", args });
      return { to: market.address, value: 0n, data, gas: RENTAL_GAS };
    },
    readBooking({ topics: [topic, right = "0x", asset = "0x"] }) {
      return topic === BOOKED ? { right: BigInt(right), asset: Number(BigInt(asset) - firstAsset) } : undefined;
    },
    use: (asset, right, time) => [
      usageCall(encodeFunctionData({ abi: usageAbi, functionName: "open", args: [right] })),
      receiptCall("checkOut", asset, right, time),
      receiptCall("checkIn", asset, right, time),
    ],
  };
};

function allowMarket(): Hex {
  return encodeFunctionData({ abi: rightsAbi, functionName: "setGrantor", args: [market.address, true] });
}

function usageCall(data: Hex): LoadCall {
  return { to: usage.address, value: 0n, data, gas: RENTAL_GAS };
}

/** Ids are given in the order of the transactions, so the first log's says all of them. */
function firstNumber([receipt]: readonly Receipt[], event: Hex, argument: 1 | 2): bigint {
  const number = receipt?.logs.find(({ topics }) => topics[0] === event)?.topics[argument];
  if (number === undefined) throw new RpcError("the first transaction of the preparation logged no number");
  return BigInt(number);
}
