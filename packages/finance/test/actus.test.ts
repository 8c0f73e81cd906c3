import { readFileSync } from "node:fs";
import { type DayCountConvention, dayCount } from "@ruffchain/finance";
import { expect, test } from "vitest";
import { day } from "./day.js";

interface Event {
  eventDate: string;
  eventType: string;
  payoff: number | string;
  notionalPrincipal: number | string;
  nominalInterestRate: number | string;
}

interface Case {
  terms: { dayCountConvention: string };
  results: Event[];
}

const conventions: Record<string, DayCountConvention> = {
  A360: "ACT/360",
  A365: "ACT/365F",
  AA: "ACT/ACT-ISDA",
  "30E360": "30E/360",
};

/** Interest payments that accrued since the one before, on a notional and at a rate that did not change in between. */
function interestPayments({ results }: Case) {
  // "24:00" comes as 23:59.
  const at = ({ eventDate }: Event) => day(eventDate.slice(0, 10)) + (eventDate.includes("T23:59") ? 1 : 0);
  return results.flatMap((event, i) => {
    const before = results.slice(0, i).filter((earlier) => at(earlier) < at(event));
    const last = before.at(-1);
    if (event.eventType !== "IP" || last === undefined) return [];
    if (!before.some((earlier) => earlier.eventType === "IP" && at(earlier) === at(last))) return [];
    const { notionalPrincipal, nominalInterestRate } = last;
    const yearly = Number(notionalPrincipal) * Number(nominalInterestRate);
    return [{ from: at(last), to: at(event), yearly, payoff: Number(event.payoff) }];
  });
}

const cases: Record<string, Case> = JSON.parse(
  readFileSync(new URL("data/actus/actus-tests-pam.json", import.meta.url), "utf8"),
);

test("day counts give the interest of the ACTUS cases", () => {
  const seen: Record<string, number> = {};
  for (const reference of Object.values(cases)) {
    const convention = conventions[reference.terms.dayCountConvention];
    if (!convention) throw new Error(`unknown day count ${reference.terms.dayCountConvention}`);
    for (const { from, to, yearly, payoff } of interestPayments(reference)) {
      const { numerator, denominator } = dayCount(convention, from, to);
      expect((yearly * Number(numerator)) / Number(denominator)).toBeCloseTo(payoff, 8);
      seen[convention] = (seen[convention] ?? 0) + 1;
    }
  }
  expect(seen).toEqual({ "ACT/365F": 48, "ACT/ACT-ISDA": 15, "30E/360": 70 });
});
