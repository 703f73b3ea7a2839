/** Finds effects in files that must be pure: no node:*, no clock, no randomness, no process (STYLE T2). */
import { globSync, readFileSync } from "node:fs";

const PURE = ["offchain/protocol/**/*.ts", "offchain/*/core/**/*.ts"];
const EFFECT = /from "node:|import\("node:|\bprocess\.|\bDate\.now\(|new Date\(\)|Math\.random\(|\bfetch\(|\bBuffer\b/;

/** "file:line: text" of every effect found. */
export function effectsInPureFiles(): string[] {
    return globSync(PURE, { exclude: ["**/node_modules/**"] }).flatMap((file) =>
        readFileSync(file, "utf8")
            .split("\n")
            .flatMap((text, index) => (EFFECT.test(text) ? [`${file}:${index + 1}: ${text.trim()}`] : [])),
    );
}
