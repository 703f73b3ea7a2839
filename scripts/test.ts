/** Runs the whole test suite, passes its output through, and closes with one line: "N passed, N failed". */
import { spawn } from "node:child_process";

const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** Adds up the numbers that Hardhat's reporters print before a word such as "passing". */
function countOf(output: string, word: string): number {
    const lines = output.replaceAll(ANSI, "").matchAll(new RegExp(`^\\s*(\\d+) ${word}\\b`, "gm"));
    return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
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
