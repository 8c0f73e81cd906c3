/** Which package may import which: the table of ARCHITECTURE.md. Whatever is not listed is forbidden. */
const allowed = {
  "packages/abi": [],
  "packages/kernel": ["packages/abi"],
  "packages/evm": ["packages/abi", "packages/kernel"],
  "packages/finance": [],
  "packages/geo": [],
  "packages/cose": [],
  "packages/contracts": ["packages/abi", "packages/kernel", "packages/finance", "packages/geo", "packages/cose"],
  "packages/light": ["packages/abi", "packages/geo", "packages/cose"],
  "packages/node": ["packages/abi", "packages/kernel", "packages/evm", "packages/contracts", "packages/light"],
  "packages/edge": ["packages/abi", "packages/light", "packages/geo", "packages/cose"],
  "apps/cli": ["packages/"],
  bench: ["packages/", "apps/cli"],
  "contracts-solidity": ["packages/abi"],
  "examples/passkey-rental": ["packages/abi"],
};

module.exports = {
  forbidden: [
    ...Object.entries(allowed).map(([from, to]) => ({
      name: `imports-of-${from.replace("/", "-")}`,
      comment: `${from} may import ${to.join(", ") || "none of our packages"} (ARCHITECTURE.md)`,
      severity: "error",
      from: { path: `^${from}/src/` },
      to: { path: "^(packages|apps|bench)/", pathNot: [`^${from}/`, ...to.map((path) => `^${path}`)] },
    })),
    { name: "no-circular", severity: "error", from: { path: "/src/" }, to: { circular: true } },
    {
      name: "no-node-in-light",
      comment: "light, cose and geo run in a browser and in a car",
      severity: "error",
      from: { path: "^packages/(light|cose|geo|finance|abi)/src/" },
      to: { dependencyTypes: ["core"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules|/dist/" },
    exclude: { path: "/(test|bench)/" },
    parser: "swc",
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["types", "import", "default"],
      extensions: [".ts", ".js"],
    },
  },
};
