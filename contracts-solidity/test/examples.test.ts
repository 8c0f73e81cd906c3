import { generateKeyPairSync, sign } from "node:crypto";
import { assetClass, assets, devices, keyType, market, rights, telemetry, token, tokens } from "@ruffchain/abi";
import { type AnchorFields, anchorToBeSigned, deviceId, enrolmentToBeSigned } from "@ruffchain/cose";
import { type Abi, type Account, type Address, bytesToHex, type Hex, parseEventLogs } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../packages/evm/test/compile.js";
import { accounts, startTestNode, type TestNode } from "../../packages/node/test/running-node.js";

const [bank, firm, renter, agent] = accounts as [Account, Account, Account, Account] & typeof accounts;
const examples = new URL("../contracts/examples/", import.meta.url);
const example = (name: string) =>
  compile(new URL(`${name}.sol`, examples))[name] as { readonly abi: Abi; readonly bytecode: Hex };

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.close());

type Reference = { readonly address: Address; readonly abi: Abi };

/** Sends a call as any client does: simulated, estimated, signed and waited for. */
async function send(account: Account, { address, abi }: Reference, functionName: string, args: readonly unknown[]) {
  const { request } = await node.client.simulateContract({ account, address, abi, functionName, args });
  const receipt = await node.client.waitForTransactionReceipt({ hash: await node.wallet.writeContract(request) });
  expect(receipt.status).toBe("success");
  return receipt;
}

async function deploy(account: Account, { abi, bytecode }: ReturnType<typeof example>, args: readonly unknown[]) {
  const hash = await node.wallet.deployContract({ account, abi, bytecode, args });
  const { contractAddress } = await node.client.waitForTransactionReceipt({ hash });
  return { address: contractAddress as Address, abi };
}

const read = ({ address, abi }: Reference, functionName: string, args: readonly unknown[] = []) =>
  node.client.readContract({ address, abi, functionName, args });

describe("RentalAgency", () => {
  const [price, cut] = [2_400n, 500n];
  const fee = (price * cut) / 10_000n;

  test("rents out a car and takes its cut, or does nothing", async () => {
    const created = await send(bank, tokens, "create", ["Test euro", "EUR", 2, false]);
    const [{ args: made }] = parseEventLogs({ ...tokens, eventName: "TokenCreated", logs: created.logs }) as [never];
    const euro = token((made as { token: Address }).token);
    await send(bank, euro, "mint", [renter.address, 10_000n]);
    const registered = await send(firm, assets, "register", [assetClass.other, "car-1"]);
    const [{ args: car }] = parseEventLogs({ ...assets, eventName: "Registered", logs: registered.logs }) as [never];
    const asset = (car as { id: bigint }).id;
    await send(firm, rights, "setGrantor", [market.address, true]);
    const money = { pricePerHour: 1_200n, pricePerKm: 30n, pricePerKwh: 50n, deposit: 10_000n, debtLimit: 5_000n };
    const fees = { lateFeePerMinute: 20n, areaFee: 2_500n, minDuration: 1_800, maxDuration: 604_800 };
    const rest = { area: `0x${"00".repeat(32)}`, scope: 7, maxAge: 3_600 };
    await send(firm, market, "setRateCard", [asset, { currency: euro.address, ...money, ...fees, ...rest }]);

    const agency = await deploy(agent, example("RentalAgency"), [cut]);
    const from = (await node.client.getBlock()).timestamp + 600n;
    const window = [asset, from, from + 7_200n] as const;
    expect(await read(agency, "total", window)).toStrictEqual([price, fee]);

    const rent = (limit: bigint) => send(renter, agency, "rent", [...window, limit]);
    await expect(rent(price)).rejects.toThrow(/TooExpensive/);
    await expect(rent(price + fee)).rejects.toThrow(/0xfb8f41b2|ERC20InsufficientAllowance/);
    await send(renter, euro, "approve", [agency.address, price + fee]);
    const { logs } = await rent(price + fee);
    const [{ args }] = parseEventLogs({ abi: agency.abi, eventName: "Rented", logs }) as [never];
    const rented = args as { renter: Address; right: bigint; price: bigint; fee: bigint };
    expect(rented).toMatchObject({ renter: renter.address, price, fee });
    expect(await read(rights, "ownerOf", [rented.right])).toBe(renter.address);
    const balances = [renter.address, firm.address, agency.address].map((who) => read(euro, "balanceOf", [who]));
    expect(await Promise.all(balances)).toStrictEqual([10_000n - price - fee, price, fee]);

    await send(renter, euro, "approve", [agency.address, price + fee]);
    await expect(rent(price + fee)).rejects.toThrow(); // taken
    expect(await read(euro, "balanceOf", [agency.address])).toBe(fee);
    await expect(send(renter, agency, "withdraw", [euro.address])).rejects.toThrow(/NotOwner/);
    await send(agent, agency, "withdraw", [euro.address]);
    expect(await read(euro, "balanceOf", [agent.address])).toBe(fee);
  });
});

describe("ServiceBook", () => {
  test("reads the odometer that the device has signed and anchored", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const key = Buffer.from(publicKey.export({ format: "jwk" }).x as string, "base64url");
    const device = bytesToHex(deviceId("ed25519", key));
    const signed = (message: Uint8Array) => bytesToHex(sign(null, message, privateKey));
    const chainId = node.chain.id;
    const owner = firm.address;
    const enrolment = signed(enrolmentToBeSigned(chainId, "ed25519", { device, owner }));
    await send(firm, devices, "register", [keyType.ed25519, bytesToHex(key), enrolment]);
    const book = await deploy(agent, example("ServiceBook"), [15_000_000n]);
    await expect(read(book, "metresLeft", [device])).rejects.toThrow(/revert/);

    const until = (await node.client.getBlock()).timestamp;
    let previous: Hex = `0x${"00".repeat(32)}`;
    const anchor = async (sequence: bigint, odometer: bigint) => {
      const root: Hex = `0x${sequence.toString(16).padStart(64, "a")}`;
      const position = { latitude: 464_982_872, longitude: 75_679_130 };
      const times = { from: until - 1_000n + sequence * 100n, until: until - 950n + sequence * 100n };
      const fields: AnchorFields = {
        device,
        sequence,
        previous,
        root,
        count: 10,
        ...times,
        odometer,
        energy: 1n,
        ...position,
      };
      await send(renter, telemetry, "anchor", [fields, signed(anchorToBeSigned(chainId, "ed25519", fields))]);
      previous = root;
    };
    await anchor(1n, 9_000_000n);
    expect(await read(book, "metresLeft", [device])).toBe(6_000_000n);
    await anchor(2n, 15_000_001n);
    expect(await read(book, "metresLeft", [device])).toBe(0n);
    await expect(send(renter, book, "service", [device])).rejects.toThrow(/NotWorkshop/);
    await send(agent, book, "service", [device]);
    expect(await read(book, "servicedAt", [device])).toBe(15_000_001n);
    expect(await read(book, "metresLeft", [device])).toBe(15_000_000n);
  });
});
