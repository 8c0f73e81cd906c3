import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as nodePackage from "@ruffchain/node";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ruffProgram } from "../dist/program.js";
import { type Fence, notRunBecause, outputPattern, parseMarkdown, tableRows } from "./markdown.js";
import { MAIN, printed, startRuff } from "./ruff.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const list = (folder: string, ending: string) =>
  readdirSync(join(root, folder)).flatMap((name) => (name.endsWith(ending) ? [`${folder}/${name}`] : []));
const documents = documentsIn("");
const parsed = new Map(documents.map((path) => [path, parseMarkdown(read(path))]));
const runnable = documents.filter((path) => parsed.get(path)?.fences.some(isRun));

/** Every document of the repository. */
function documentsIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory())
      return /^(\.|node_modules$|dist$)/.test(entry.name) ? [] : documentsIn(`${folder}${entry.name}/`);
    return entry.name.endsWith(".md") ? [`${folder}${entry.name}`] : [];
  });
}

function isRun(fence: Fence): boolean {
  return fence.language === "sh" && notRunBecause(fence) === undefined;
}

describe("commands in the documents run", () => {
  const folder = mkdtempSync(join(tmpdir(), "ruff-docs-"));
  const node = startRuff(
    [
      "node",
      "--dev",
      "--json",
      "--rpc-port",
      "0",
      "--operator-port",
      "0",
      "--block-time",
      "50",
      "--empty-block-time",
      "200",
    ],
    {},
    folder,
  );
  let addresses: { readonly rpc: string; readonly operator: string };
  beforeAll(async () => {
    addresses = JSON.parse(/\{"rpc.*\}/.exec(await printed(node, /\{"rpc.*\}\n/))?.[0] ?? "");
    // A reader's place: the repository's root with the node's data in it.
    for (const name of ["node_modules", "packages", "docs"]) symlinkSync(join(root, name), join(folder, name));
    mkdirSync(join(folder, "bin"));
    const ruff = `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`;
    writeFileSync(join(folder, "bin", "ruff"), ruff, { mode: 0o755 });
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => node.once("exit", resolve));
    node.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  /** Documents name the ports that a node has if it is not told others. */
  const here = (text: string) =>
    text
      .replaceAll("127.0.0.1:8545", new URL(addresses.rpc).host)
      .replaceAll("127.0.0.1:9464", new URL(addresses.operator).host);

  function run(script: string): Promise<{ code: unknown; out: string; err: string }> {
    const env = {
      ...process.env,
      NO_COLOR: "1",
      PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}`,
      RUFF_RPC: addresses.rpc,
      RUFF_KEYS: join(folder, "keys"),
      RUFF_TRUST: join(folder, "trust"),
    };
    return new Promise((resolve) => {
      execFile("bash", ["-euo", "pipefail", "-c", script], { cwd: folder, env }, (error, out, err) => {
        resolve({ code: error?.code ?? 0, out, err });
      });
    });
  }

  test.concurrent.each(runnable)("%s", async (path) => {
    const { fences } = parsed.get(path) as ReturnType<typeof parseMarkdown>;
    for (const [i, fence] of fences.entries()) {
      const [, file] = /^\/\/ ([\w-]+\.mjs)\n/.exec(fence.text) ?? [];
      if (fence.language === "js" && file) writeFileSync(join(folder, file), here(fence.text));
      if (!isRun(fence)) continue;
      const { code, out, err } = await run(here(fence.text));
      expect({ at: `${path}:${fence.line}`, code, err: code === 0 ? "" : err }).toStrictEqual({
        at: `${path}:${fence.line}`,
        code: 0,
        err: "",
      });
      const next = fences[i + 1];
      if (next?.language === "text") expect(out).toMatch(outputPattern(here(next.text)));
    }
  });

  test("every documented JSON-RPC method is answered or left out; those of subscriptions over WebSocket only", async () => {
    const methods = documentedMethods();
    const calls = methods.map((method, id) => ({ jsonrpc: "2.0", id, method, params: [] }));
    const response = await fetch(addresses.rpc, { method: "POST", body: JSON.stringify(calls) });
    const answers = (await response.json()) as { id: number; error?: { code: number } }[];
    expect(answers).toHaveLength(methods.length);
    expect(answers.filter(({ error }) => error?.code === -32603)).toStrictEqual([]);
    const unknown = answers.filter(({ error }) => error?.code === -32601).map(({ id }) => methods[id]);
    expect(unknown).toStrictEqual([...Object.keys(nodePackage.leftOut), "eth_subscribe", "eth_unsubscribe"].sort());
  });
});

/** Anchors as GitHub makes them. */
function headings(path: string): string[] {
  const titles = [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, title]) => title as string);
  return titles.map(
    (title) =>
      `#${title
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, "")
        .replaceAll(/\s/g, "-")}`,
  );
}

function documentedMethods(): string[] {
  const names = tableRows(parsed.get("docs/rpc.md")?.prose ?? []).flatMap((row) => row.names);
  return [...new Set(names.filter((name) => /^[a-z0-9]+_\w+$/.test(name)))].sort();
}

const RPC_FOLDERS = ["node/src/rpc", "node/src/rpc/trace"];

describe("the documents are complete", () => {
  const scriptsOf = (workspace: string) => Object.keys(JSON.parse(read(join(workspace, "package.json"))).scripts);

  test.each(documents)("%s: commands stand in sh blocks, run or marked, and exist", async (path) => {
    const { fences, prose } = parsed.get(path) as ReturnType<typeof parseMarkdown>;
    expect(prose.filter((line) => /^ {4,}(\$|npm|npx|node|ruff|curl|bash|git) /.test(line))).toStrictEqual([]);
    expect(fences.filter(({ language }) => /^(bash|shell|console|zsh)$/.test(language))).toStrictEqual([]);
    const scripts = [...read(path).matchAll(/\bnpm run (?:--silent )?([a-z][\w:]*)(?: -w ([\w/-]+))?/g)];
    const missing = scripts.filter(([, name = "", workspace = "."]) => !scriptsOf(workspace).includes(name));
    expect(missing.map(([command]) => command)).toStrictEqual([]);
    const known = new Set((await ruffProgram()).commands.map((command) => command.name()));
    const used = fences
      .filter(({ language }) => language === "sh")
      .flatMap(({ text }) => [...text.matchAll(/^(?:npm run ruff -- |ruff )([a-z][a-z-]+)/gm)].map(([, name]) => name));
    expect(used.filter((name) => !known.has(name as string))).toStrictEqual([]);
  });

  test.each(documents)("%s: its links lead somewhere", (path) => {
    const links = [...read(path).matchAll(/\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g)];
    const broken = links.filter(([, file, anchor]) => {
      const target = file ? join(dirname(path), file as string) : path;
      return !existsSync(join(root, target)) || (anchor && !headings(target).includes(anchor));
    });
    expect(broken.map(([link]) => link)).toStrictEqual([]);
  });

  test("every JSON-RPC method of the server has a row, and no other", () => {
    const sources = list("packages/node/src/rpc", ".ts").map(read).join("\n");
    const methods = [...sources.matchAll(/^ +((?:eth|net|web3|txpool|debug|trace|ruff)_\w+): /gm)].map(
      ([, name]) => name as string,
    );
    expect(documentedMethods()).toStrictEqual([...new Set(methods)].sort());
  });

  test("every reason to refuse a transaction is named", () => {
    const reasons = read("packages/kernel/src/transaction/error.ts").split("} as const;")[0] as string;
    const codes = [...reasons.matchAll(/^ {2}(\w+): \{/gm)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(15);
    expect(codes.filter((code) => !read("docs/rpc.md").includes(`\`${code}\``))).toStrictEqual([]);
  });

  test("limits have the values of the sources, and the node's are all there", () => {
    const folders = ["kernel/src", "kernel/src/state", "kernel/src/execution", "kernel/src/transaction"];
    const sources = [...folders, ...RPC_FOLDERS, "node/src/mempool", "node/src/recovery", "node/src/sources"].flatMap(
      (folder) => list(`packages/${folder}`, ".ts").map(read),
    );
    const written = sources.flatMap((text) =>
      [...text.matchAll(/^(?:export )?const ([A-Z][A-Z0-9_]+) = ([\d_n*\s]+);/gm)].map(
        ([, name, value]) => [name as string, productOf(value as string)] as const,
      ),
    );
    // What is computed from other limits is read from the package.
    const values = new Map<string, unknown>([...Object.entries(nodePackage), ...written]);
    const rows = ["docs/node.md", "docs/rpc.md"].flatMap((path) => tableRows(parsed.get(path)?.prose ?? []));
    const documented = rows.flatMap(({ names: [name], value }) =>
      name !== undefined && /^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/.test(name) && !name.startsWith("RUFF_")
        ? [[name, Number(value.replaceAll(",", ""))] as const]
        : [],
    );
    expect(documented.length).toBeGreaterThan(20);
    expect(documented).toStrictEqual(documented.map(([name]) => [name, values.get(name)]));
    const rpcLimits = RPC_FOLDERS.flatMap((folder) => list(`packages/${folder}`, ".ts")).flatMap((path) =>
      [...read(path).matchAll(/^export const (MAX_\w+|\w+_MS) = /gm)].map(([, name]) => name),
    );
    const names = new Set<string | undefined>(documented.map(([name]) => name));
    expect(rpcLimits.filter((name) => !names.has(name))).toStrictEqual([]);
  });

  test("every command of ruff is named, and every option of ruff node", async () => {
    const program = await ruffProgram();
    const paths = (command: Command, path: string): string[] =>
      command.commands.length === 0 ? [path] : command.commands.flatMap((sub) => paths(sub, `${path} ${sub.name()}`));
    const text = list("docs", ".md").map(read).join("\n");
    expect(paths(program, "ruff").filter((path) => !text.includes(`\`${path}`))).toStrictEqual([]);
    const node = program.commands.find((command) => command.name() === "node");
    const options = node?.options.map(({ long }) => long).sort();
    const rows = list("docs", ".md").flatMap((path) => tableRows(parsed.get(path)?.prose ?? []));
    const documented = rows.flatMap(({ names: [name] }) => /^--[\w-]+/.exec(name ?? "")?.[0] ?? []);
    const inNode = tableRows(parsed.get("docs/node.md")?.prose ?? []).flatMap(({ names }) => names.slice(0, 1));
    expect(inNode.filter((name) => /^--/.test(name) && !options?.includes(name.split(" ")[0]))).toStrictEqual([]);
    expect(options?.filter((name) => !documented.includes(name as string))).toStrictEqual([]);
  });
});

/** Products of whole numbers, as limits are written. */
function productOf(expression: string): number {
  const power = (text: string) => text.split("**").map((part) => Number(part.replaceAll(/[_n\s]/g, "")));
  const factors = expression.split(/(?<!\*)\*(?!\*)/).map(power);
  return factors.reduce((product, [base, exponent = 1]) => product * (base as number) ** exponent, 1);
}
