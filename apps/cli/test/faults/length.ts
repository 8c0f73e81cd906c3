/** "npm run faults" takes the time that faults need to show; "npm test" runs the same in a short form. */
export const long = process.env.RUFF_FAULTS === "long";
