import { setTimeout as sleep } from "node:timers/promises";

/** Longer pauses in a log are cut to this many of its seconds. */
export const MAX_REPLAY_GAP_SECONDS = 2;
const SECONDS_PER_DAY = 86_400;

/** The sentences of a log in groups of the same second, each group begun by its first RMC or GGA. */
export function epochsOf(log: string): { readonly time: string; readonly sentences: readonly string[] }[] {
  const epochs: { time: string; sentences: string[] }[] = [];
  for (const line of log.split(/\r?\n/)) {
    if (!line.startsWith("$")) continue;
    const time = /^\$..(?:RMC|GGA),(\d{6}(?:\.\d+)?),/.exec(line)?.[1];
    const last = epochs.at(-1);
    if (last && (time === undefined || time === last.time)) last.sentences.push(line);
    else if (time !== undefined) epochs.push({ time, sentences: [line] });
  }
  return epochs;
}

/** Gives a log's groups of sentences at the pace of their times, `speed` times faster. */
export async function* replay(log: string, speed: number, signal: AbortSignal): AsyncGenerator<readonly string[]> {
  let before: number | undefined;
  for (const { time, sentences } of epochsOf(log)) {
    const seconds = secondOfDay(time);
    const gap = before === undefined ? 0 : (seconds - before + SECONDS_PER_DAY) % SECONDS_PER_DAY;
    before = seconds;
    try {
      await sleep((Math.min(gap, MAX_REPLAY_GAP_SECONDS) * 1000) / speed, undefined, { signal });
    } catch {
      return; // aborted: sleep throws for no other reason
    }
    yield sentences;
  }
}

function secondOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 3600 + Number(time.slice(2, 4)) * 60 + Number(time.slice(4));
}
