import packageFile from "./package.json" with { type: "json" };

const { version, dependencies } = packageFile;

/** Versions of what decides the bytes of a compilation, as pinned. */
export const TOOLS: Readonly<Record<string, string>> = {
    compiler: version,
    circomlib: dependencies.circomlib,
    ffjavascript: dependencies.ffjavascript,
    snarkjs: dependencies.snarkjs,
};
