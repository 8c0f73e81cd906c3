import { ProposalPace } from "@ruffchain/node";
import { describe, expect, test } from "vitest";

const MILLISECONDS = 100;

describe("the pace of proposals", () => {
  test("shrinks what took too long to what would have taken the time, and grows what was cut short", () => {
    const pace = new ProposalPace(MILLISECONDS);
    expect(pace.limit).toBe(Number.POSITIVE_INFINITY);
    pace.took(1_000, MILLISECONDS);
    expect(pace.limit).toBe(Number.POSITIVE_INFINITY);
    pace.took(1_000, 4 * MILLISECONDS);
    expect(pace.limit).toBe(250);
    pace.took(249, MILLISECONDS / 10);
    expect(pace.limit).toBe(250);
    pace.took(250, MILLISECONDS / 10);
    expect(pace.limit).toBe(500);
  });

  test("leaves one transaction at least", () => {
    const pace = new ProposalPace(MILLISECONDS);
    pace.took(1, 1_000 * MILLISECONDS);
    expect(pace.limit).toBe(1);
  });

  test("learns nothing of an empty block, however long it took", () => {
    const pace = new ProposalPace(MILLISECONDS);
    pace.took(0, 1_000 * MILLISECONDS);
    expect(pace.limit).toBe(Number.POSITIVE_INFINITY);
    pace.took(1_000, 2 * MILLISECONDS);
    pace.took(0, 1_000 * MILLISECONDS);
    pace.took(0, 0);
    expect(pace.limit).toBe(500);
  });
});
