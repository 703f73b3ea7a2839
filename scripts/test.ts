/** Runs the whole test suite, passes its output through, and closes with one line: "N passed, N failed". */
import { spawn } from "node:child_process";

/** How long a run may go on after it has told its result; whatever still holds it then is killed. */
const LEFT_OPEN_MS = 30_000;
/** The line over all runners, which Hardhat prints last: "4791 passing (690 solidity, 4101 mocha)". */
const SUMMARY = /^\d+ (passing|failing) \(.*\d+ (solidity|mocha)\)/m;
const SUMMARY_CHARS = 10_000;
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
    if (SUMMARY.test(output.slice(-SUMMARY_CHARS).replaceAll(ANSI, ""))) endSoon();
});

let ending: NodeJS.Timeout | undefined;
/** A test that left a server open would keep the process alive for ever: that is a failure too. */
function endSoon(): void {
    ending ??= setTimeout(() => {
        console.error(`Killed: a test left something open that outlived the run by ${LEFT_OPEN_MS / 1000} s.`);
        child.kill("SIGKILL");
    }, LEFT_OPEN_MS);
}

child.on("close", (code) => {
    clearTimeout(ending);
    const passed = countOf(output, "passing");
    const failed = Math.max(countOf(output, "failing"), code === 0 ? 0 : 1);
    const skipped = countOf(output, "pending");
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
    process.exitCode = code === 0 && passed > 0 ? 0 : 1;
});
