import { Clock } from "@ruffchain/edge";
import { CLOCK_DRIFT_PPM } from "@ruffchain/light";
import { expect, test } from "vitest";

const start = 1_790_000_000;

function clockWith(newestHeader = 0) {
  const source = { wallSeconds: start, monotonicSeconds: 50, newestHeader };
  const clock = new Clock(() => source.newestHeader, {
    wall: () => source.wallSeconds * 1000,
    monotonic: () => source.monotonicSeconds * 1000,
  });
  return { clock, source };
}

test("counts by itself: who sets the platform's clock changes nothing", () => {
  const { clock, source } = clockWith();
  expect(clock.bounds()).toEqual({ lo: start, hi: start });
  source.wallSeconds -= 86_400;
  source.monotonicSeconds += 100;
  expect(clock.bounds()).toEqual({ lo: start + 99, hi: start + 101 });
  expect(clock.seconds()).toBe(start + 99);
});

test("is less sure the longer it counts", () => {
  const { clock, source } = clockWith();
  clock.bounds();
  source.monotonicSeconds += 1_000_000;
  expect(clock.bounds()).toEqual({ lo: start + 1_000_000 - CLOCK_DRIFT_PPM, hi: start + 1_000_000 + CLOCK_DRIFT_PPM });
});

test("a platform that is behind a verified header does not know the time, until it does", () => {
  const { clock, source } = clockWith(start + 10);
  expect(clock.bounds()).toBeUndefined();
  expect(clock.seconds()).toBe(start + 10);
  source.wallSeconds = start + 20;
  expect(clock.bounds()).toEqual({ lo: start + 20, hi: start + 20 });
});

test("a header that is newer than the clock makes it look at the platform again", () => {
  const { clock, source } = clockWith();
  clock.bounds();
  source.newestHeader = start + 500;
  expect(clock.bounds()).toBeUndefined();
  source.wallSeconds = start + 501;
  expect(clock.bounds()).toEqual({ lo: start + 501, hi: start + 501 });
});
