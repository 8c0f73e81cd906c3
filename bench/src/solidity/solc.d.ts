/** The one function that is used; the package has no declarations of its own. */
declare module "solc" {
  const solc: {
    compile(input: string, callbacks: { import(path: string): { contents: string } }): string;
  };
  export default solc;
}
