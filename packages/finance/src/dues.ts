import { at, max, min, positive, sum } from "./amounts.js";
import { civilDate } from "./civil-date.js";
import type { Fraction } from "./day-count.js";
import type { ClassTerms, Deal, Step } from "./deal.js";
import { interest } from "./interest.js";
import type { DealState, WaterfallInputs } from "./period.js";

const MONTH: Fraction = { numerator: 1n, denominator: 12n };

/** Interest due to each class: on its balance, what was left unpaid, and interest on that. */
export function classInterest({ classes, rounding }: Deal, state: DealState, { accruals }: WaterfallInputs): bigint[] {
  return classes.map(({ rate }, i) => {
    const accrued = (principal: bigint) => interest(principal, rate, at(accruals, i), rounding);
    return accrued(at(state.balances, i)) + at(state.interestShort, i) + accrued(at(state.interestShort, i));
  });
}

/** What is due to each step, the residual apart, and how much of the reserve helps to pay it. */
export function duesOf(
  deal: Deal,
  state: DealState,
  inputs: WaterfallInputs,
  feesDue: bigint,
  interestDue: readonly bigint[],
): { readonly dues: readonly bigint[]; readonly reserveDraw: bigint } {
  const { classes, steps } = deal;
  const notes = sum(state.balances);
  const funds = inputs.availableFunds + state.retained;
  const reserveStep = steps.findIndex((step) => step.kind === "reserve");
  const feesInYear = feesPaidInYear(state, inputs);
  const dues = steps.map(() => 0n);
  let priorityPrincipal = 0n;
  let seniorFees = 0n;

  // Fees, interest and priority principal depend on nothing that is paid today.
  steps.forEach((step, i) => {
    if (!applies(step, inputs)) return;
    switch (step.kind) {
      case "seniorFees":
        seniorFees = step.yearlyCap === undefined ? feesDue : min(feesDue, positive(step.yearlyCap - feesInYear));
        dues[i] = seniorFees;
        break;
      case "servicingFee":
        dues[i] = state.servicingShort + servicingFee(deal, inputs);
        break;
      case "classInterest":
        dues[i] = sum(interestDue.filter((_, c) => classes[c]?.seniority === step.target));
        break;
      case "priorityPrincipal": {
        const senior = sum(state.balances.filter((_, c) => (classes[c]?.seniority ?? 0) <= step.target));
        const final = classes.findLast(
          ({ seniority, legalFinalDate }) => seniority <= step.target && legalFinalDate <= inputs.paymentDate,
        );
        const isFinal = ({ principalOrder }: ClassTerms) =>
          final !== undefined && principalOrder <= final.principalOrder;
        const legal = sum(state.balances.filter((_, c) => isFinal(at(classes, c))));
        dues[i] = positive(max(senior - inputs.valueEnd, legal) - priorityPrincipal);
        priorityPrincipal += at(dues, i);
        break;
      }
    }
  });

  const feesAndInterest = sum(dues) - priorityPrincipal;
  const covered = sum(dues.slice(0, Math.max(reserveStep, 0)));
  const repays = steps.some((step) => step.kind === "regularPrincipal" && applies(step, inputs));
  const isFinal = repays && funds + state.reserve >= feesAndInterest + notes;
  const reserveDraw = isFinal ? state.reserve : min(state.reserve, positive(covered - funds));

  steps.forEach((step, i) => {
    if (!applies(step, inputs)) return;
    const left = notes - priorityPrincipal;
    if (step.kind === "reserve" && !isFinal) {
      dues[i] = positive(min(deal.reserveTarget, left) - (state.reserve - reserveDraw));
    } else if (step.kind === "regularPrincipal") {
      const targetNotes = positive(inputs.valueEnd - deal.targetOvercollateralization);
      dues[i] = isFinal || inputs.mode === "turbo" ? left : positive(left - targetNotes);
    } else if (step.kind === "subordinated") {
      dues[i] = feesDue - seniorFees + state.subordinatedShort + inputs.subordinated;
    }
  });
  return { dues, reserveDraw };
}

/** Senior fees that were paid earlier in the calendar year of the payment date. */
export function feesPaidInYear(state: DealState, { paymentDate }: WaterfallInputs): bigint {
  return state.feeYear === civilDate(paymentDate).year ? state.feesPaidInYear : 0n;
}

/** The servicing fee of a month. */
export function servicingFee(deal: Deal, { valueBegin }: WaterfallInputs): bigint {
  return interest(valueBegin, deal.servicingRate, MONTH, deal.rounding);
}

/** Whether the step takes part on this payment date. */
export function applies({ condition }: Step, { triggers }: WaterfallInputs): boolean {
  return condition === undefined || triggers.has(condition.trigger) === condition.on;
}
