import packageFile from "./package.json" with { type: "json" };

const { version, dependencies } = packageFile;

/** Versions of what decides the bytes of a compilation, as pinned; circom2 0.2.23 is circom 2.2.3. */
export const TOOLS: Readonly<Record<string, string>> = {
    compiler: version,
    circom2: dependencies.circom2,
    circomlib: dependencies.circomlib,
    ffjavascript: dependencies.ffjavascript,
    snarkjs: dependencies.snarkjs,
};
