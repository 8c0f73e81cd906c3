import type { Hex } from "@ruffchain/abi";
import { bytesToHex } from "@ruffchain/kernel";
import {
  encodeAbiParameters,
  encodeEventTopics,
  encodeFunctionData,
  hexToBytes,
  maxUint256,
  parseAbi,
  parseAbiParameters,
} from "viem";
import type { LoadDevice } from "../load/device.js";
import { sendFromEach, sendSetup } from "../load/setup-transactions.js";
import type { LoadCall } from "../load/sign.js";
import { deploy, deployErc20, setupCall } from "./currency.js";
import { ANYWHERE, BEGIN, CARD, END, HERE, type PrepareMarket, RENTAL_GAS } from "./rental-market.js";

const rentalAbi = parseAbi([
  "struct Card { uint128 pricePerHour; uint128 pricePerKm; uint128 pricePerKwh; uint128 deposit; uint128 debtLimit; uint128 lateFeePerMinute; uint128 areaFee; uint32 minDuration; uint32 maxDuration; uint32 maxAge; uint8 scope; }",
  "struct Receipt { uint64 sequence; uint256 right; uint64 time; uint64 odometer; uint64 energy; int32 latitude; int32 longitude; bool leftArea; }",
  "function register(bytes32 keyX, bytes32 keyY, Card card) returns (uint256 id)",
  "function book(uint256 assetId, uint64 from, uint64 until, bytes32 area) returns (uint256 id)",
  "function open(uint256 id)",
  "function checkOut(Receipt receipt, bytes32 r, bytes32 s)",
  "function checkIn(Receipt receipt, bytes32 r, bytes32 s)",
  "function approve(address spender, uint256 amount) returns (bool)",
  "event Booked(uint256 indexed right, uint256 indexed asset, address indexed holder, uint64 from, uint64 until, uint256 price)",
]);
const RECEIPT = parseAbiParameters([
  "uint256 chainId, uint8 kind, Receipt receipt",
  "struct Receipt { uint64 sequence; uint256 right; uint64 time; uint64 odometer; uint64 energy; int32 latitude; int32 longitude; bool leftArea; }",
]);
const [BOOKED] = encodeEventTopics({ abi: rentalAbi, eventName: "Booked" });
const KIND = { checkOut: 1, checkIn: 3 } as const;

/** Rental.sol. */
export const prepareSolidityMarket: PrepareMarket = async (running, firm, renters, devices) => {
  const currency = await deployErc20(running, firm, renters);
  const rental = await deploy(running, firm, "Rental", [currency]);
  const register = ({ publicKey }: LoadDevice) => {
    const args = [bytesToHex(publicKey.subarray(0, 32)), bytesToHex(publicKey.subarray(32)), CARD] as const;
    return setupCall(rental, encodeFunctionData({ abi: rentalAbi, functionName: "register", args }));
  };
  await sendSetup(running, firm, devices.map(register));
  const approve = encodeFunctionData({ abi: rentalAbi, functionName: "approve", args: [rental, maxUint256] });
  await sendFromEach(running, renters, setupCall(currency, approve));

  function call(data: Hex): LoadCall {
    return { to: rental, value: 0n, data, gas: RENTAL_GAS };
  }

  function receiptCall(is: keyof typeof KIND, asset: number, right: bigint, time: bigint): LoadCall {
    const receipt = { right, time, ...HERE, ...(is === "checkOut" ? BEGIN : END) };
    const message = encodeAbiParameters(RECEIPT, [BigInt(running.chainId), KIND[is], receipt]);
    const signature = (devices[asset] as LoadDevice).sign(hexToBytes(message));
    const args = [receipt, bytesToHex(signature.subarray(0, 32)), bytesToHex(signature.subarray(32))] as const;
    return call(encodeFunctionData({ abi: rentalAbi, functionName: is, args }));
  }

  return {
    book(asset, from, until) {
      const args = [BigInt(asset + 1), from, until, ANYWHERE] as const;
      return call(encodeFunctionData({ abi: rentalAbi, functionName: "book", args }));
    },
    readBooking({ topics: [topic, right = "0x", asset = "0x"] }) {
      return topic === BOOKED ? { right: BigInt(right), asset: Number(BigInt(asset)) - 1 } : undefined;
    },
    use: (asset, right, time) => [
      call(encodeFunctionData({ abi: rentalAbi, functionName: "open", args: [right] })),
      receiptCall("checkOut", asset, right, time),
      receiptCall("checkIn", asset, right, time),
    ],
  };
};
