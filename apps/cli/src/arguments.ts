import type { AbiFunction, AbiParameter } from "viem";
import { CliError } from "./cli-error.js";

const NAME_WIDTH = 16;

/** A function as a person types it: name and parameters, with types or, of structs, with the fields' names. */
export function signature(fn: AbiFunction): string {
  return [fn.name, ...fn.inputs.map((input) => `<${input.name}:${shortType(input)}>`)].join(" ");
}

/** What a function takes and answers, a line for each value, with JSON to fill in for structs and lists. */
export function functionHelp(command: string, fn: AbiFunction): string {
  const section = (title: string, body: readonly string[]) => (body.length === 0 ? [] : ["", title, ...body]);
  const templates = fn.inputs.flatMap((input) => (isPlain(input) ? [] : [`  '${JSON.stringify(template(input))}'`]));
  return [
    `Usage: ${[command, fn.name, ...fn.inputs.map(({ name }) => `<${name}>`)].join(" ")}`,
    ...section("Arguments:", fn.inputs.flatMap(typeLines)),
    ...section("Answer:", fn.outputs.flatMap(typeLines)),
    ...section("JSON to fill in:", templates),
    "",
    "Numbers are whole: money in minor units, times in seconds since 1970. Addresses and bytes begin with 0x. Structs and",
    "lists are JSON; write numbers of more than 15 digits in quotes there.",
    "",
  ].join("\n");
}

/** Arguments from the command line for a function of the ABI. Throws CliError. */
export function parseArguments(fn: AbiFunction, values: readonly string[]): unknown[] {
  if (values.length !== fn.inputs.length) {
    throw new CliError(`${fn.name} takes ${fn.inputs.length} arguments, got ${values.length}. Usage: ${signature(fn)}`);
  }
  return fn.inputs.map((input, i) => {
    const value = values[i] as string;
    const name = input.name || `argument ${i + 1}`;
    return isPlain(input) ? plain(input.type, value, name) : structured(input, parseJson(input, value, name), name);
  });
}

/** Outputs under their names; a single one as it is. */
export function namedOutputs({ outputs }: AbiFunction, result: unknown): unknown {
  if (outputs.length < 2) return result;
  const values = result as readonly unknown[];
  return Object.fromEntries(outputs.map(({ name }, i) => [name || `answer ${i + 1}`, values[i]]));
}

function fieldsOf(param: AbiParameter): readonly AbiParameter[] | undefined {
  return "components" in param ? (param.components as readonly AbiParameter[]) : undefined;
}

function isPlain({ type }: AbiParameter): boolean {
  return !type.endsWith("]") && !type.startsWith("tuple");
}

/** The type, a struct by its fields' names: `{currency,price}[]`. */
function shortType(param: AbiParameter): string {
  const fields = fieldsOf(param);
  if (!fields) return param.type;
  return `{${fields.map(({ name }) => name).join(",")}}${param.type.slice("tuple".length)}`;
}

/** A line with name and type; for a struct the lines of its fields below, further in. */
function typeLines(param: AbiParameter): string[] {
  const name = param.name || "–";
  const fields = fieldsOf(param);
  if (!fields) return [`  ${name.padEnd(NAME_WIDTH)}  ${param.type}`];
  const list = param.type.slice("tuple".length);
  return [`  ${name.padEnd(NAME_WIDTH)}  struct${list}`, ...fields.flatMap(typeLines).map((line) => `  ${line}`)];
}

function template(param: AbiParameter): unknown {
  if (param.type.endsWith("]")) return [template(elementOf(param))];
  const fields = fieldsOf(param);
  return fields ? Object.fromEntries(fields.map((field) => [field.name, template(field)])) : `<${param.type}>`;
}

function elementOf(param: AbiParameter): AbiParameter {
  return { ...param, type: param.type.slice(0, param.type.lastIndexOf("[")) };
}

function parseJson(param: AbiParameter, text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(`${name} must be JSON, like ${JSON.stringify(template(param))}: got "${text}"`);
  }
}

function structured(param: AbiParameter, value: unknown, name: string): unknown {
  if (param.type.endsWith("]")) {
    if (!Array.isArray(value)) throw new CliError(`${name} must be a list [ … ]`);
    return value.map((item, i) => structured(elementOf(param), item, `${name}[${i}]`));
  }
  const fields = fieldsOf(param);
  if (!fields) return plain(param.type, plainText(value, name), name);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CliError(`${name} must be an object with the fields ${fields.map((field) => field.name).join(", ")}`);
  }
  const unknown = Object.keys(value).find((key) => !fields.some((field) => field.name === key));
  if (unknown !== undefined) throw new CliError(`${name}.${unknown} is unknown: ${name} is ${shortType(param)}`);
  return Object.fromEntries(
    fields.map((field) => {
      const key = field.name as string;
      if (!(key in value)) throw new CliError(`${name}.${key} is missing (${shortType(field)})`);
      return [key, structured(field, (value as Record<string, unknown>)[key], `${name}.${key}`)];
    }),
  );
}

function plainText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new CliError(`${name}: write numbers of more than 15 digits in quotes, JSON loses their digits`);
  }
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new CliError(`${name} must be a single value, got ${JSON.stringify(value)}`);
}

function plain(type: string, value: string, name: string): unknown {
  const fail = (expected: string): never => {
    throw new CliError(`${name} must be ${expected}, got "${value}"`);
  };
  if (/^u?int/.test(type)) return /^-?\d+$/.test(value) ? BigInt(value) : fail("a whole number");
  if (type === "bool") return value === "true" || value === "false" ? value === "true" : fail("true or false");
  if (type === "address") return /^0x[0-9a-fA-F]{40}$/.test(value) ? value : fail("an address (0x and 40 hex digits)");
  if (type.startsWith("bytes")) {
    const size = Number(type.slice("bytes".length)) || undefined;
    const fits = /^0x([0-9a-fA-F]{2})*$/.test(value) && (size === undefined || value.length === 2 + 2 * size);
    return fits ? value : fail(`0x and ${size === undefined ? "pairs of" : 2 * size} hex digits`);
  }
  return value;
}
