#!/usr/bin/env node
// Called as rapidsnark is; its own name says how it fails, and what it was given is written beside it.
import { spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const [program, , , proofFile] = process.argv.slice(1);
const generator = { pi_a: ["1", "2", "1"], pi_b: [["0", "0"], ["0", "0"], ["1", "0"]], pi_c: ["1", "2", "1"] };
const given = { env: Object.keys(process.env), dir: process.cwd(), files: readdirSync(".") };
writeFileSync(`${program}.json`, JSON.stringify(given));
switch (basename(program)) {
    case "lies":
        writeFileSync(proofFile, JSON.stringify(generator));
        break;
    case "babbles":
        writeFileSync(proofFile, "x".repeat(100_000));
        break;
    case "crashes":
        process.stderr.write("out of memory\n");
        process.kill(process.pid, "SIGSEGV");
        break;
    case "fails":
        process.stderr.write("bad zkey\n");
        process.exit(3);
        break;
    case "hangs":
        spawn("sleep", ["600"], { stdio: "inherit" });
        writeFileSync(`${program}.pid`, String(process.pid));
        setInterval(() => {}, 1_000);
        break;
    default: // writes nothing
}
