import { allocate } from "./allocate.js";
import { add, at, min, subtract, sum } from "./amounts.js";
import { civilDate } from "./civil-date.js";
import type { Deal, Step } from "./deal.js";
import { applies, classInterest, duesOf, feesPaidInYear, servicingFee } from "./dues.js";
import { FinanceError } from "./finance-error.js";
import type { DealState, WaterfallInputs } from "./period.js";

/** `due`, `paid` and `short` of a step; a step whose condition is not met has nothing due. */
export interface StepResult {
  readonly step: Step;
  readonly due: bigint;
  readonly paid: bigint;
  readonly short: bigint;
}

export interface ClassResult {
  readonly interestDue: bigint;
  readonly interestPaid: bigint;
  readonly principalPaid: bigint;
  readonly balance: bigint;
}

export interface WaterfallResult {
  readonly steps: readonly StepResult[];
  readonly classes: readonly ClassResult[];
  /** Of the senior fees, by payee. */
  readonly feesPaid: readonly bigint[];
  readonly reserveDraw: bigint;
  readonly residual: bigint;
  /** Value at the end less the notes; negative if they are not covered. */
  readonly overcollateralization: bigint;
  readonly state: DealState;
}

/**
 * Pays one payment date: each step in turn is paid what is due to it while the cash lasts. The reserve is drawn for what
 * the funds leave unpaid of the steps before the reserve step, and wholly as soon as it and the funds pay all notes off.
 * The deal is one that `checkDeal` takes. Throws FinanceError.
 */
export function runWaterfall(deal: Deal, state: DealState, inputs: WaterfallInputs): WaterfallResult {
  checkInputs(deal, state, inputs);
  const feesDue = add(state.feesShort, inputs.seniorFees);
  const interestDue = classInterest(deal, state, inputs);
  const { dues, reserveDraw } = duesOf(deal, state, inputs, sum(feesDue), interestDue);

  let cash = inputs.availableFunds + state.retained + reserveDraw;
  let reserve = state.reserve - reserveDraw;
  let servicingShort = state.servicingShort + servicingFee(deal, inputs);
  let subordinatedShort = state.subordinatedShort + inputs.subordinated;
  let feesInYear = feesPaidInYear(state, inputs);
  let feesPaid = feesDue.map(() => 0n);
  let interestPaid = interestDue.map(() => 0n);
  let balances = state.balances;

  const steps = deal.steps.map((step, i): StepResult => {
    const due = step.kind === "residual" && applies(step, inputs) ? cash : at(dues, i);
    const paid = min(cash, due);
    cash -= paid;
    switch (step.kind) {
      case "seniorFees":
        feesPaid = allocate(paid, feesDue);
        feesInYear += paid;
        break;
      case "servicingFee":
        servicingShort -= paid;
        break;
      case "classInterest": {
        const group = interestDue.map((value, c) => (deal.classes[c]?.seniority === step.target ? value : 0n));
        interestPaid = add(interestPaid, allocate(paid, group));
        break;
      }
      case "priorityPrincipal":
        balances = payInOrder(deal, balances, paid);
        break;
      case "reserve":
        reserve += paid;
        break;
      case "regularPrincipal":
        balances =
          inputs.mode === "proRata" ? subtract(balances, allocate(paid, balances)) : payInOrder(deal, balances, paid);
        break;
      case "subordinated": {
        const overCap = subtract(feesDue, feesPaid);
        const toFees = min(paid, sum(overCap));
        feesPaid = add(feesPaid, allocate(toFees, overCap));
        subordinatedShort -= paid - toFees;
        break;
      }
    }
    return { step, due, paid, short: due - paid };
  });

  return {
    steps,
    classes: balances.map((balance, i) => ({
      interestDue: at(interestDue, i),
      interestPaid: at(interestPaid, i),
      principalPaid: at(state.balances, i) - balance,
      balance,
    })),
    feesPaid,
    reserveDraw,
    residual: sum(steps.filter(({ step }) => step.kind === "residual").map(({ paid }) => paid)),
    overcollateralization: inputs.valueEnd - sum(balances),
    state: {
      balances,
      interestShort: subtract(interestDue, interestPaid),
      reserve,
      retained: cash,
      feesShort: subtract(feesDue, feesPaid),
      feesPaidInYear: feesInYear,
      feeYear: civilDate(inputs.paymentDate).year,
      servicingShort,
      subordinatedShort,
    },
  };
}

/** Balances after principal went to the classes in their order. */
function payInOrder(deal: Deal, balances: readonly bigint[], amount: bigint): readonly bigint[] {
  let left = amount;
  let after = balances;
  for (let order = 0; left > 0n && order <= (deal.classes.at(-1)?.principalOrder ?? 0); order++) {
    const group = balances.map((balance, i) => (deal.classes[i]?.principalOrder === order ? balance : 0n));
    const paid = min(left, sum(group));
    after = subtract(after, allocate(paid, group));
    left -= paid;
  }
  return after;
}

function checkInputs({ classes }: Deal, state: DealState, inputs: WaterfallInputs): void {
  if (state.balances.length !== classes.length || state.interestShort.length !== classes.length) {
    throw new FinanceError("state", `the state is not that of a deal with ${classes.length} classes`);
  }
  if (inputs.accruals.length !== classes.length) {
    throw new FinanceError("inputs", `give accruals for ${classes.length} classes, not ${inputs.accruals.length}`);
  }
  if (inputs.seniorFees.length !== state.feesShort.length) {
    throw new FinanceError("inputs", `give fees of ${state.feesShort.length} payees, not ${inputs.seniorFees.length}`);
  }
  const { availableFunds, valueBegin, valueEnd, subordinated, seniorFees } = inputs;
  if ([availableFunds, valueBegin, valueEnd, subordinated, ...seniorFees].some((amount) => amount < 0n)) {
    throw new FinanceError("negative", "funds, values, fees and subordinated amounts cannot be negative");
  }
}
