/** What the tests use of solc, which brings no types. */
declare module "solc" {
    const solc: { compile(standardJsonInput: string): string };
    export default solc;
}
