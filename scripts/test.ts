/** Runs the whole test suite, passes its output through, and closes with one line: "N passed, N failed". */
import { spawn } from "node:child_process";

const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** The number that Hardhat prints before a word such as "passing": its last line of that kind sums up all runners. */
function countOf(output: string, word: string): number {
    const lines = output.replaceAll(ANSI, "").matchAll(new RegExp(`^\\s*(\\d+) ${word}\\b`, "gm"));
    return Number([...lines].at(-1)?.[1] ?? 0);
}

const child = spawn("hardhat", ["test", "--snapshot-check", ...process.argv.slice(2)], {
    stdio: ["ignore", "pipe", "inherit"],
});
let output = "";
child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    process.stdout.write(chunk);
});
child.on("close", (code) => {
    const passed = countOf(output, "passing");
    const failed = Math.max(countOf(output, "failing"), code === 0 ? 0 : 1);
    const skipped = countOf(output, "pending");
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
    process.exitCode = code === 0 && passed > 0 ? 0 : 1;
});
