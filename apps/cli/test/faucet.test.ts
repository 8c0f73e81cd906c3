import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { parseEther } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestNode, type TestNode } from "../../../packages/node/test/running-node.js";
import { DEVELOPMENT_MNEMONIC } from "../dist/account.js";
import { Faucet, FaucetRefusal } from "../dist/faucet/faucet.js";
import { FaucetServer, MAX_FAUCET_BODY_BYTES, MAX_FAUCET_REQUESTS } from "../dist/faucet/faucet-server.js";
import { printed, ruff, startRuff } from "./ruff.js";

type Address = `0x${string}`;

const addressOf = (number: number): Address => `0x${number.toString(16).padStart(40, "0")}`;
const post = (url: string, body: unknown) =>
  fetch(url, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });

describe("ruff faucet", () => {
  let chain: TestNode;
  let other: TestNode;
  let faucet: ReturnType<typeof startRuff>;
  let url: string;
  beforeAll(async () => {
    [chain, other] = await Promise.all([startTestNode(), startTestNode({ app: { evmChainId: 7000 } })]);
    faucet = startRuff(["faucet", "--rpc", chain.url, "--port", "0", "--from", "dev:4", "--limit", "3", "--json"]);
    const text = await printed(faucet, /\n/);
    ({ url } = JSON.parse(text) as { url: string });
  });
  afterAll(async () => {
    faucet.kill();
    await Promise.all([chain.close(), other.close()]);
  });

  test("pays an address once, and no more than it may", async () => {
    const answers = await Promise.all([1, 2].map((number) => post(url, { address: addressOf(0xabc0 + number) })));
    for (const answer of answers) {
      const { hash } = (await answer.json()) as { hash: Address };
      const payment = await chain.client.getTransactionReceipt({ hash });
      expect(payment).toMatchObject({
        status: "success",
        from: mnemonicToAccount(DEVELOPMENT_MNEMONIC, { addressIndex: 4 }).address.toLowerCase(),
      });
    }
    expect(await chain.client.getBalance({ address: addressOf(0xabc1) })).toBe(parseEther("10"));
    const again = await post(url, { address: addressOf(0xabc1) });
    expect(again.status).toBe(429);
    expect(Number(again.headers.get("retry-after"))).toBeGreaterThan(86_000);
    expect(await again.json()).toMatchObject({ code: "paidAlready" });
    expect((await post(url, { address: addressOf(0xabc3) })).status).toBe(200);
    expect(await (await post(url, { address: addressOf(0xabc4) })).json()).toMatchObject({ code: "exhausted" });
  });

  test.each([
    ["no JSON", "please", 400],
    ["no address", { address: "0x12" }, 400],
    ["too much", "x".repeat(MAX_FAUCET_BODY_BYTES + 1), 413],
  ])("refuses a request with %s", async (_what, body, status) => {
    expect((await post(url, body)).status).toBe(status);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { method: "PUT" })).status).toBe(405);
  });

  test("pays on no other network than the one that is named", async () => {
    const { code, err } = await ruff(["faucet", "--rpc", other.url, "--port", "0"]);
    expect([code, err]).toStrictEqual([1, expect.stringContaining("add --chain-id 7000")]);
    const wrong = await ruff(["faucet", "--rpc", chain.url, "--port", "0", "--chain-id", "7000"]);
    expect([wrong.code, wrong.err]).toStrictEqual([
      1,
      expect.stringContaining("the node's chain id is 7833, not 7000"),
    ]);
    const named = startRuff([
      "faucet",
      "--rpc",
      other.url,
      "--port",
      "0",
      "--chain-id",
      "7000",
      "--from",
      "dev:1",
      "--json",
    ]);
    expect(await printed(named, /\n/)).toContain("url");
    named.kill();
  });

  test("wants an amount that is one", async () => {
    const { code, err } = await ruff(["faucet", "--rpc", chain.url, "--amount", "much"]);
    expect([code, err]).toStrictEqual([1, expect.stringContaining("expected an amount")]);
  });
});

describe("the faucet's limits", () => {
  test("an address is paid again when its time has come, others when there is room", async () => {
    let now = 0;
    const faucet = new Faucet(
      { period: 1_000, payments: 2 },
      async () => "0x01",
      () => now,
    );
    const ask = (number: number) => faucet.request(addressOf(number));
    await ask(1);
    now = 400;
    await ask(2);
    await expect(ask(1)).rejects.toMatchObject({ code: "paidAlready", retryAfter: 1 });
    await expect(ask(3)).rejects.toBeInstanceOf(FaucetRefusal);
    now = 1_000;
    await expect(ask(1)).resolves.toBe("0x01");
    await expect(ask(3)).rejects.toMatchObject({ code: "exhausted" });
  });

  test("a payment that failed does not count", async () => {
    let fails = true;
    const faucet = new Faucet(
      { period: 1_000, payments: 1 },
      async () => {
        if (fails) throw new Error("no money left");
        return "0x01";
      },
      () => 0,
    );
    await expect(faucet.request(addressOf(1))).rejects.toThrow("no money left");
    fails = false;
    await expect(faucet.request(addressOf(2))).resolves.toBe("0x01");
  });

  test("who goes in the middle of a request does not end it", async () => {
    const faucet = new Faucet({ period: 1_000, payments: 1 }, async () => "0x01", Date.now);
    const server = new FaucetServer(faucet, () => {});
    const port = await server.listen("127.0.0.1", 0);
    const socket = connect(port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{");
    await setTimeout(100);
    socket.destroy();
    await once(socket, "close");
    expect((await post(`http://127.0.0.1:${port}`, { address: addressOf(1) })).status).toBe(200);
    await server.close();
  });

  test(`${MAX_FAUCET_REQUESTS} ask at a time; a failure is told without its reason`, async () => {
    let fail: (error: Error) => void = () => {};
    const wait = new Promise<Address>((_, reject) => {
      fail = reject;
    });
    const failures: unknown[] = [];
    const faucet = new Faucet({ period: 1_000, payments: 1_000 }, () => wait, Date.now);
    const server = new FaucetServer(faucet, (error) => failures.push(error));
    const url = `http://127.0.0.1:${await server.listen("127.0.0.1", 0)}`;
    const asked = Array.from({ length: MAX_FAUCET_REQUESTS + 1 }, (_, i) => post(url, { address: addressOf(i) }));
    expect((await Promise.race(asked)).status).toBe(503);
    fail(new Error("the key is 0x1234"));
    const answers = await Promise.all(asked);
    expect(answers.filter(({ status }) => status === 502)).toHaveLength(MAX_FAUCET_REQUESTS);
    expect(await answers.find(({ status }) => status === 502)?.text()).not.toContain("0x1234");
    expect(failures).toHaveLength(MAX_FAUCET_REQUESTS);
    await server.close();
  });
});
