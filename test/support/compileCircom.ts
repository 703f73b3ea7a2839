import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { CIRCUITS_DIR } from "../../offchain/compiler/circuit/circuitsDir.ts";

/** circom does not compile a source; the message is what it wrote. */
export class CircomRefused extends Error {
    override readonly name = "CircomRefused";
}

/** What circom makes of one main file. */
export type CompiledCircuit = { r1cs: Uint8Array; wasm: Uint8Array; sym: Uint8Array };

const require = createRequire(import.meta.url);
const CIRCOM_CLI = require.resolve("circom2/cli.js");
/** The only file of circomlib that the library includes. */
const POSEIDON_CONSTANTS = "circomlib/circuits/poseidon_constants.circom";
const GREATEST_OUTPUT_BYTES = 16 * 2 ** 20;

/**
 * Compiles circom source whose includes start with "lib/" (the template library) or "circomlib/". circom2 sees only
 * files below its working directory, so everything is copied into a fresh one; it runs in a process of its own because
 * it writes to stdout and ends its process on an error.
 */
export async function compileCircom({ source }: { source: string }): Promise<CompiledCircuit> {
    const staging = await mkdtemp(join(tmpdir(), "assay-circom-"));
    try {
        await cp(join(CIRCUITS_DIR, "lib"), join(staging, "lib"), { recursive: true });
        await mkdir(dirname(join(staging, POSEIDON_CONSTANTS)), { recursive: true });
        await cp(require.resolve(POSEIDON_CONSTANTS), join(staging, POSEIDON_CONSTANTS));
        await writeFile(join(staging, "main.circom"), source);
        await runCircom(staging);
        const [r1cs, wasm, sym] = await Promise.all(
            ["main.r1cs", "main_js/main.wasm", "main.sym"].map((file) => readFile(join(staging, file))),
        );
        if (r1cs === undefined || wasm === undefined || sym === undefined)
            throw new RangeError("circom wrote three files");
        return { r1cs: new Uint8Array(r1cs), wasm: new Uint8Array(wasm), sym: new Uint8Array(sym) };
    } finally {
        await rm(staging, { recursive: true, force: true });
    }
}

async function runCircom(staging: string): Promise<void> {
    const options = ["--r1cs", "--wasm", "--sym", "--O1", "-l", ".", "-o", "."];
    try {
        await promisify(execFile)(process.execPath, [CIRCOM_CLI, "main.circom", ...options], {
            cwd: staging,
            maxBuffer: GREATEST_OUTPUT_BYTES,
        });
    } catch (cause) {
        throw new CircomRefused(outputOf(cause), { cause });
    }
}

/** The first lines that circom wrote, without its colours. */
function outputOf(cause: unknown): string {
    const text = [cause].flatMap((error) =>
        typeof error === "object" && error !== null
            ? ["stdout" in error ? error.stdout : "", "stderr" in error ? error.stderr : ""]
            : [],
    );
    return stripVTControlCharacters(text.join("")).trim().slice(0, 2000);
}
