import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rights } from "@ruffchain/abi";
import { openSite, sponsoredChain } from "@ruffchain/example-passkey-rental";
import { developmentGenesis, type RunningNode, startNode, ValidatorKey } from "@ruffchain/node";
import pino from "pino";
import { type Browser, chromium, type Page } from "playwright-core";
import { type Address, createClient, createPublicClient, defineChain, getAddress, http, type PublicClient } from "viem";
import { generatePrivateKey, mnemonicToAccount } from "viem/accounts";
import { sendTransaction } from "viem/actions";
import { Account, withRelay } from "viem/tempo";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../../scripts/chromium.js";

const MNEMONIC = "test test test test test test test test test test test junk";
const bank = mnemonicToAccount(MNEMONIC, { addressIndex: 0 });
const firm = mnemonicToAccount(MNEMONIC, { addressIndex: 1 });
const executablePath = findChromium();
const PATIENCE_MS = 60_000;

describe.skipIf(!executablePath)("in Chromium, with an authenticator of its own", () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "ruff-passkey-"));
  let node: RunningNode;
  let client: PublicClient;
  let site: Awaited<ReturnType<typeof openSite>>;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const validator = ValidatorKey.generate();
    node = await startNode({
      dataDirectory,
      genesis: developmentGenesis({
        time: BigInt(Date.now()) * 1_000_000n,
        validator: validator.publicKey,
        accounts: [bank.address, firm.address],
      }),
      validator,
      rpcPort: 0,
      operatorPort: 0,
      blockTimeMs: 50,
      emptyBlockMs: 0,
      corsOrigins: ["*"],
      logger: pino({ level: "silent" }),
    });
    const rpc = `http://127.0.0.1:${node.rpcPort}`;
    const chain = defineChain({
      id: node.application.parameters().chainId,
      name: "test",
      nativeCurrency: { name: "Ruff", symbol: "RUFF", decimals: 18 },
      rpcUrls: { default: { http: [rpc] } },
    });
    client = createPublicClient({ chain, transport: http() });
    site = await openSite({ chain, bank, firm, vin: "WVWZZZ1JZXW000001", port: 0 });
    browser = await chromium.launch({
      ...(executablePath && { executablePath }),
      args: ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
    });
    page = await browser.newPage();
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await node?.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  test("a renter without gas rents a car by one signature of a passkey, and the firm pays the fee", async () => {
    await page.goto(site.url);
    await page.getByRole("button", { name: "Create a passkey" }).click();
    const account = page.locator("#account");
    await account.filter({ hasText: "has 100.00" }).waitFor({ timeout: PATIENCE_MS });
    const renter = getAddress(((await account.textContent()) ?? "").split(" ")[0] as Address);
    expect(await client.getBalance({ address: renter })).toBe(0n);
    const firmHad = await client.getBalance({ address: firm.address });

    await page.getByRole("button", { name: "Rent" }).click();
    const result = page.locator("#result:not(:empty)", { hasNotText: "…" });
    await result.waitFor({ timeout: PATIENCE_MS });
    expect(await result.textContent()).toMatch(new RegExp(`^Right 1 is yours until .* paid by ${firm.address}`, "i"));

    const [held] = await client.readContract({ ...rights, functionName: "rightsOf", args: [renter, "0x", 10] });
    expect(held).toMatchObject([{ holder: renter, asset: 1n }]);
    expect(await client.getBalance({ address: renter })).toBe(0n);
    expect(await client.getBalance({ address: firm.address })).toBeLessThan(firmHad);
    expect(await account.textContent()).toContain("has 40.00 EURR");
  });

  test("the firm pays for nothing else", async () => {
    const chain = sponsoredChain(await client.getChainId(), `http://127.0.0.1:${node.rpcPort}`);
    const stranger = createClient({
      account: Account.fromP256(generatePrivateKey()),
      chain,
      transport: withRelay(http(), http(`${site.url}/sponsor`)),
    });
    const sent = sendTransaction(stranger, { feePayer: true, gas: 100_000n, calls: [{ to: bank.address }] });
    await expect(sent).rejects.toThrow("Sponsorship rejected");
  });
});
