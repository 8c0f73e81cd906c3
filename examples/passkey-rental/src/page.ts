import { market, rights, token } from "@ruffchain/abi";
import {
  type Address,
  createClient,
  encodeFunctionData,
  http,
  parseEventLogs,
  publicActions,
  walletActions,
  zeroHash,
} from "viem";
import { Account, WebAuthnP256, withRelay } from "viem/tempo";
import { sponsoredChain } from "./chain.js";
import type { Offer } from "./offer.js";

const HOURS = 2n;
const PASSKEY = "passkey";

const offer = (await (await fetch("/offer.json")).json()) as Offer;
const currency = token(offer.currency);
const chain = sponsoredChain(offer.chainId, offer.rpc);
const client = createClient({ chain, transport: withRelay(http(offer.rpc), http("/sponsor")), pollingInterval: 200 })
  .extend(publicActions)
  .extend(walletActions);

const createButton = element("create", HTMLButtonElement);
const rentButton = element("rent", HTMLButtonElement);
const result = element("result", HTMLOutputElement);

createButton.onclick = () => step(createButton, createPasskey);
rentButton.onclick = () => step(rentButton, rent);
await showAccount();

/** The passkey stays in the authenticator; the page keeps what is public of it. */
async function createPasskey(): Promise<void> {
  const { id, publicKey } = await WebAuthnP256.createCredential({ label: "Ruff renter" });
  localStorage.setItem(PASSKEY, JSON.stringify({ id, publicKey }));
  const { address } = Account.fromWebAuthnP256({ id, publicKey });
  const welcomed = await fetch("/welcome", { method: "POST", body: address });
  if (!welcomed.ok) throw new Error(await welcomed.text());
  await showAccount();
}

function passkey() {
  const stored = localStorage.getItem(PASSKEY);
  return stored ? Account.fromWebAuthnP256(JSON.parse(stored)) : undefined;
}

async function showAccount(): Promise<void> {
  const account = passkey();
  const { price } = await client.readContract({
    ...market,
    functionName: "quote",
    args: [BigInt(offer.asset), ...window()],
  });
  element("price", HTMLOutputElement).value = `${money(price)} for the time`;
  if (!account) return;
  const balance = await balanceOf(account.address);
  element("account", HTMLOutputElement).value = `${account.address} has ${money(balance)}`;
  rentButton.disabled = false;
}

/** From cents. */
function money(amount: bigint): string {
  return `${(Number(amount) / 100).toFixed(2)} EURR`;
}

function balanceOf(address: Address): Promise<bigint> {
  return client.readContract({ ...currency, functionName: "balanceOf", args: [address] });
}

function window(): readonly [from: bigint, until: bigint] {
  const from = BigInt(Math.floor(Date.now() / 1000));
  return [from, from + HOURS * 3600n];
}

/** One signature of the passkey for both calls; neither happens without the other. */
async function rent(): Promise<void> {
  const account = passkey();
  if (!account) throw new Error("create a passkey first");
  const [from, until] = window();
  const { price } = await client.readContract({
    ...market,
    functionName: "quote",
    args: [BigInt(offer.asset), from, until],
  });
  const hash = await client.sendTransaction({
    account,
    feePayer: true,
    calls: [
      {
        to: currency.address,
        data: encodeFunctionData({ ...currency, functionName: "approve", args: [market.address, price] }),
      },
      {
        to: market.address,
        data: encodeFunctionData({
          ...market,
          functionName: "book",
          args: [BigInt(offer.card), from, until, zeroHash],
        }),
      },
    ],
  });
  const receipt = await client.waitForTransactionReceipt({ hash });
  const [granted] = parseEventLogs({ ...rights, eventName: "Granted", logs: receipt.logs });
  if (!granted) throw new Error("the booking was reverted");
  const end = new Date(Number(until) * 1000).toLocaleTimeString();
  result.value = `Right ${granted.args.id} is yours until ${end}. The fee was paid by ${receipt.feePayer}.`;
  await showAccount();
}

async function step(button: HTMLButtonElement, action: () => Promise<void>): Promise<void> {
  button.disabled = true;
  result.className = "";
  result.value = "…";
  try {
    await action();
    if (result.value === "…") result.value = "";
  } catch (error) {
    result.className = "failed";
    result.value = error instanceof Error ? error.message : String(error);
  }
  button.disabled = false;
}

function element<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${id}`);
  return found;
}
