import { createRequire } from "node:module";
import { bytesToHex, concat, type Hex, hexToBytes, keccak256, size } from "viem";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../dist/sources/compiler.js";
import { MAX_WAITING_VERIFICATIONS } from "../../dist/sources/source-verifier.js";
import { startTestNode, type TestNode } from "../running-node.js";

const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string; version(): string };
const compilerVersion = solc.version().replace(".Emscripten.clang", "");
const text = (comment: string) => `// ${comment}
pragma solidity ^0.8.28;
contract Car {
    uint256 public immutable wheels;
    uint256 public metres;
    constructor(uint256 wheels_) { wheels = wheels_; }
    function drive(uint256 by) external { metres += by; }
}`;
const input = (content: string, settings: object = {}) => ({
  language: "Solidity",
  sources: { "src/Car.sol": { content } },
  settings: { evmVersion: "osaka", optimizer: { enabled: true, runs: 200 }, ...settings },
});
const contractIdentifier = "src/Car.sol:Car";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode({ verifySources: true });
});
afterAll(() => node.close());

/** The creation code that the compiler of npm makes of it, with the number of wheels. */
function creation(stdJsonInput: ReturnType<typeof input>, wheels: number): Hex {
  const outputSelection = { "*": { "*": ["evm.bytecode.object"] } };
  const compiled = solc.compile(
    JSON.stringify({ ...stdJsonInput, settings: { ...stdJsonInput.settings, outputSelection } }),
  );
  const { object } = JSON.parse(compiled).contracts["src/Car.sol"].Car.evm.bytecode;
  return concat([`0x${object}`, `0x${wheels.toString(16).padStart(64, "0")}`]);
}

async function deploy(data: Hex): Promise<Hex> {
  const { contractAddress } = await node.confirmed(await node.wallet.sendTransaction({ data, to: null }));
  return contractAddress as Hex;
}

/** Code of any kind at an address: what the constructor returns is given. */
const deployCode = (code: Hex) =>
  deploy(concat([`0x61${size(code).toString(16).padStart(4, "0")}80600a5f395ff3`, code]));

async function http(method: string, path: string, body?: unknown) {
  const init = { method, ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }) };
  const response = await fetch(`${node.url}${path}`, init);
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}

const submit = (address: Hex, body: unknown, chain: unknown = node.chain.id) =>
  http("POST", `/v2/verify/${chain}/${address}`, body);

/** Submits a source; the outcome of its verification. */
async function verify(address: Hex, stdJsonInput: unknown, more: object = {}) {
  const { status, body } = await submit(address, { stdJsonInput, compilerVersion, contractIdentifier, ...more });
  expect({ status, body }).toMatchObject({ status: 202 });
  const job = () => http("GET", `/v2/verify/${body.verificationId}`);
  await expect.poll(async () => (await job()).body.isJobCompleted).toBe(true);
  return (await job()).body as unknown as {
    contract: { match: string | null };
    error?: { customCode: string; message: string };
  };
}

const source = async (address: Hex) => (await node.rpc("ruff_getSource", [address])).result as Record<string, unknown>;

describe("a source is verified", () => {
  test("exactly: then each deployment of it has it, whatever its immutables", async () => {
    const car = input(text("exact"));
    const first = await deploy(creation(car, 4));
    expect(await source(first)).toBeNull();
    expect(await http("GET", `/v2/contract/${node.chain.id}/${first}`)).toMatchObject({
      status: 404,
      body: { match: null },
    });
    expect(await verify(first, car)).toMatchObject({
      contract: { match: "exact_match", runtimeMatch: "exact_match", creationMatch: null, address: first },
    });
    const second = await deploy(creation(car, 3));
    for (const address of [first, second]) {
      const found = { match: "exact_match", contractIdentifier, compilerVersion, stdJsonInput: car };
      expect(await source(address)).toMatchObject(found);
      const { body } = await http("GET", `/v2/contract/${node.chain.id}/${address}`);
      expect(body).toMatchObject({ match: "exact_match", sources: car.sources, compilation: { name: "Car" } });
    }
    expect(await submit(first, { stdJsonInput: car, compilerVersion, contractIdentifier })).toMatchObject({
      status: 409,
      body: { customCode: "already_verified" },
    });
  });

  test("partly where only the metadata differs, and exactly once the very source comes", async () => {
    const [deployed, other] = [input(text("as deployed")), input(text("another comment"))];
    const address = await deploy(creation(deployed, 4));
    expect((await verify(address, other)).contract.match).toBe("match");
    expect(await source(address)).toMatchObject({ match: "match", stdJsonInput: other });
    expect((await verify(address, deployed)).contract.match).toBe("exact_match");
    expect(await source(address)).toMatchObject({ match: "exact_match", stdJsonInput: deployed });
  });

  test("without metadata in its code: partly", async () => {
    const bare = input(text("bare"), { metadata: { appendCBOR: false, bytecodeHash: "none" } });
    const address = await deploy(creation(bare, 4));
    expect((await verify(address, bare)).contract.match).toBe("match");
    expect(await source(address)).toMatchObject({ match: "match", stdJsonInput: bare });
  });

  test("a library, whose code begins with its own address", async () => {
    const content =
      "pragma solidity ^0.8.28; library Car { function half(uint256 x) external pure returns (uint256) { return x / 2; } }";
    const library = input(content);
    const address = await deploy(creation(library, 0));
    expect((await verify(address, library)).contract.match).toBe("exact_match");
  });
});

describe("a source is not verified", () => {
  const car = input(text("refused"));
  let address: Hex;
  beforeAll(async () => {
    address = await deploy(creation(car, 4));
  });

  test("for other code with the metadata of a verified contract", async () => {
    const honest = input(text("honest"));
    const victim = await deploy(creation(honest, 4));
    await verify(victim, honest);
    const code = hexToBytes((await node.client.getCode({ address: victim })) as Hex);
    const stop = code.indexOf(0x34); // CALLVALUE
    code[stop] = 0x58; // PC
    const copy = await deployCode(bytesToHex(code));
    expect(keccak256((await node.client.getCode({ address: copy })) as Hex)).toBe(keccak256(bytesToHex(code)));
    expect(await source(victim)).toMatchObject({ match: "exact_match" });
    expect(await source(copy)).toBeNull();
  });

  const cases: [string, string, () => object][] = [
    [
      "that compiles to something else",
      "no_match",
      () => ({ stdJsonInput: input(text("refused").replace("+=", "-=")) }),
    ],
    ["with other settings", "no_match", () => ({ stdJsonInput: input(text("refused"), { evmVersion: "london" }) })],
    ["that does not compile", "compiler_error", () => ({ stdJsonInput: input("contract Car {") })],
    ["that imports what is not there", "compiler_error", () => ({ stdJsonInput: input('import "/etc/passwd";') })],
    ["of a contract that is not in it", "contract_not_found", () => ({ contractIdentifier: "src/Car.sol:Truck" })],
    [
      "for a compiler that is not here",
      "unsupported_compiler_version",
      () => ({ compilerVersion: "0.8.19+commit.7dd6d404" }),
    ],
    [
      "without the addresses of its libraries",
      "unlinked_library",
      () => ({
        stdJsonInput: input(
          "library L { function f(uint256 x) external pure returns (uint256) { return x; } } contract Car { function g() external pure returns (uint256) { return L.f(1); } }",
        ),
      }),
    ],
  ];
  test.each(cases)("%s: %s", async (_, code, more) => {
    const { contract, error } = await verify(address, car, more());
    expect([contract.match, error?.customCode]).toStrictEqual([null, code]);
    expect(await source(address)).toBeNull();
  });

  test.each<[string, number, string, () => ReturnType<typeof submit>]>([
    [
      "an account without code",
      400,
      "contract_not_deployed",
      () => submit(`0x${"12".repeat(20)}`, { stdJsonInput: car, compilerVersion, contractIdentifier }),
    ],
    ["another chain", 404, "unsupported_chain", () => submit(address, {}, 1)],
    ["what is no address", 400, "invalid_parameter", () => submit("0x12", {})],
    ["what is not JSON", 400, "invalid_parameter", () => submit(address, "{")],
    [
      "sources that are to be fetched",
      400,
      "invalid_parameter",
      () =>
        submit(address, {
          stdJsonInput: { language: "Solidity", sources: { a: { urls: ["file:///etc/passwd"] } } },
          compilerVersion,
          contractIdentifier,
        }),
    ],
    [
      "another language",
      400,
      "unsupported_language",
      () => submit(address, { stdJsonInput: { ...car, language: "Yul" }, compilerVersion, contractIdentifier }),
    ],
    ["a verification that is not known", 404, "job_not_found", () => http("GET", "/v2/verify/none")],
  ])("%s: %i %s", async (_, status, customCode, call) => {
    expect(await call()).toMatchObject({ status, body: { customCode } });
  });

  test("more than can wait", async () => {
    const body = { stdJsonInput: input("contract Car {"), compilerVersion, contractIdentifier };
    const answers = await Promise.all(
      Array.from({ length: MAX_WAITING_VERIFICATIONS + 2 }, () => submit(address, body)),
    );
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    expect(answers.at(-1)?.body).toMatchObject({ customCode: "too_many_requests" });
  });

  test("that takes the compiler too long", async () => {
    const request = { input: car as never, compilerVersion, file: "src/Car.sol", name: "Car" };
    await expect(compile(request, 1)).rejects.toMatchObject({ code: "compiler_timeout" });
  });

  test("by a node that was not told to", async () => {
    const other = await startTestNode();
    try {
      const response = await fetch(`${other.url}/v2/verify/${other.chain.id}/${address}`, {
        method: "POST",
        body: "{}",
      });
      expect([response.status, await response.json()]).toMatchObject([404, { customCode: "unsupported_chain" }]);
    } finally {
      await other.close();
    }
  });
});
