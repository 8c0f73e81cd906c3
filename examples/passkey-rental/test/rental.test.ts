import { rights } from "@ruffchain/abi";
import { openSite, sponsoredChain } from "@ruffchain/example-passkey-rental";
import { type Browser, chromium, type Page } from "playwright-core";
import { type Address, createClient, getAddress, http } from "viem";
import { generatePrivateKey } from "viem/accounts";
import { sendTransaction } from "viem/actions";
import { Account, withRelay } from "viem/tempo";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alice as bank, bob as firm, startTestNode, type TestNode } from "../../../packages/node/test/running-node.js";
import { findChromium } from "../../../scripts/chromium.js";

const executablePath = findChromium();
const PATIENCE_MS = 60_000;

describe.skipIf(!executablePath)("in Chromium, with an authenticator of its own", () => {
  let node: TestNode;
  let site: Awaited<ReturnType<typeof openSite>>;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    node = await startTestNode({ blockTimeMs: 50, corsOrigins: ["*"] });
    site = await openSite({ chain: node.chain, bank, firm, vin: "WVWZZZ1JZXW000001", port: 0 });
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
    await node?.close();
  });

  test("a renter without gas rents a car by one signature of a passkey, and the firm pays the fee", async () => {
    await page.goto(site.url);
    await page.getByRole("button", { name: "Create a passkey" }).click();
    const account = page.locator("#account");
    await account.filter({ hasText: "has 100.00" }).waitFor({ timeout: PATIENCE_MS });
    const renter = getAddress(((await account.textContent()) ?? "").split(" ")[0] as Address);
    expect(await node.client.getBalance({ address: renter })).toBe(0n);
    const firmHad = await node.client.getBalance({ address: firm.address });

    await page.getByRole("button", { name: "Rent" }).click();
    const result = page.locator("#result:not(:empty)", { hasNotText: "…" });
    await result.waitFor({ timeout: PATIENCE_MS });
    expect(await result.textContent()).toMatch(new RegExp(`^Right 1 is yours until .* paid by ${firm.address}`, "i"));

    const [held] = await node.client.readContract({ ...rights, functionName: "rightsOf", args: [renter, "0x", 10] });
    expect(held).toMatchObject([{ holder: renter, asset: 1n }]);
    expect(await node.client.getBalance({ address: renter })).toBe(0n);
    expect(await node.client.getBalance({ address: firm.address })).toBeLessThan(firmHad);
    expect(await account.textContent()).toContain("has 40.00 EURR");
  });

  test("the firm pays for nothing else", async () => {
    const chain = sponsoredChain(node.chain.id, node.url);
    const stranger = createClient({
      account: Account.fromP256(generatePrivateKey()),
      chain,
      transport: withRelay(http(), http(`${site.url}/sponsor`)),
    });
    const sent = sendTransaction(stranger, { feePayer: true, gas: 100_000n, calls: [{ to: bank.address }] });
    await expect(sent).rejects.toThrow("Sponsorship rejected");
  });
});
