/** A fenced block of a document. */
export interface Fence {
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

const FENCE = /^```(\w*)$/;

/** Fenced blocks in their order, and the lines that stand outside of them. */
export function parseMarkdown(text: string): { readonly fences: readonly Fence[]; readonly prose: readonly string[] } {
  const fences: Fence[] = [];
  const prose: string[] = [];
  let open: { line: number; language: string; lines: string[] } | undefined;
  for (const [i, line] of text.split("\n").entries()) {
    const fence = FENCE.exec(line);
    if (fence && open) {
      fences.push({ line: open.line, language: open.language, text: `${open.lines.join("\n")}\n` });
      open = undefined;
    } else if (fence) open = { line: i + 1, language: fence[1] as string, lines: [] };
    else (open?.lines ?? prose).push(line);
  }
  return { fences, prose };
}

/** What a block says about itself in its first line. */
export function notRunBecause({ text }: Fence): string | undefined {
  return /^# not run by tests: (.+)\n/.exec(text)?.[1];
}

/** Expected output: `…` stands for anything in its line. */
export function outputPattern(expected: string): RegExp {
  const escaped = expected.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("…", "[^\\n]*")}\\s*$`);
}

/** The code in the first cells of a document's tables, with the text of the second. */
export function tableRows(prose: readonly string[]): readonly { readonly names: string[]; readonly value: string }[] {
  return prose.flatMap((line) => {
    const [, first, second] = /^\|([^|]*)\|([^|]*)\|/.exec(line) ?? [];
    const names = [...(first ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name as string);
    return names.length > 0 ? [{ names, value: (second ?? "").trim() }] : [];
  });
}
