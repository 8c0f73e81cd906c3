import { type Abi, decodeEventLog, type Log } from "viem";
import { contractsByName, findContract } from "./contracts.js";

interface Event {
  readonly event: string;
  readonly args: unknown;
}

/** A log as the event of a known contract; what is not one stays as it is. */
export function decodeLog(log: Log): Event | Pick<Log, "address" | "topics" | "data"> {
  const known = [...contractsByName.values()].find((contract) => contract.address === log.address)?.abi;
  const abi: Abi = known ?? findContract(log.address).abi;
  try {
    const { eventName, args } = decodeEventLog({ abi, data: log.data, topics: log.topics });
    return { event: String(eventName), args };
  } catch {
    return { address: log.address, topics: log.topics, data: log.data };
  }
}

/** In one line: `Registered id=1 owner=0x…`. */
export function eventText(log: Log): string {
  const decoded = decodeLog(log);
  if (!("event" in decoded)) return `log of ${decoded.address}: ${decoded.topics.join(" ")} ${decoded.data}`;
  const args = Object.entries((decoded.args ?? {}) as Record<string, unknown>);
  const json = (value: unknown) => JSON.stringify(value, (_, item) => (typeof item === "bigint" ? `${item}` : item));
  return [
    decoded.event,
    ...args.map(([name, value]) => `${name}=${typeof value === "object" ? json(value) : value}`),
  ].join(" ");
}
