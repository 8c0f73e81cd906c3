import { readdirSync, readFileSync } from "node:fs";

/** Of Linux, in /proc: hundredths of a second, and pages of 4 KiB. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

export interface ProcessCost {
  /** Processor time used so far. */
  readonly seconds: number;
  /** Memory in use now. */
  readonly bytes: number;
}

/** What a process and those that it has started cost. Linux only. */
export function costOf(pid: number): ProcessCost {
  const parents = new Map(readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? parentOf(name) : [])));
  const isOf = (each: number): boolean => each === pid || (parents.has(each) && isOf(parents.get(each) as number));
  const costs = [...parents.keys()].filter(isOf).map(ownCost);
  return {
    seconds: costs.reduce((sum, { seconds }) => sum + seconds, 0),
    bytes: costs.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function parentOf(pid: string): readonly (readonly [number, number])[] {
  const [, parent] = statOf(pid);
  return parent === undefined ? [] : [[Number(pid), Number(parent)]];
}

function ownCost(pid: number): ProcessCost {
  // State, parent … 12th user ticks, 13th system ticks … 22nd resident pages: proc(5), from behind the name on.
  const stat = statOf(String(pid));
  const [user = 0, system = 0, pages = 0] = [stat[11], stat[12], stat[21]].map(Number);
  return { seconds: (user + system) / TICKS_PER_SECOND, bytes: pages * PAGE_BYTES };
}

function statOf(pid: string): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return []; // it has ended meanwhile
  }
}
