import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "apps/*/test/**/*.test.ts",
      "{bench,clients,contracts-solidity,examples/*}/test/**/*.test.ts",
    ],
    // Built packages run as they are shipped, not transformed by vite.
    server: { deps: { external: [/\/(packages|apps|bench)\/([^/]+\/)?dist\//] } },
    // Two also on two processors: many tests wait for other programs.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
