/** Template instances for tests: compiled once, with the means to forge a witness and to check it. */
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { FIELD_ORDER } from "@assay/protocol";
import { readR1cs } from "r1csfile";
import { CIRCUITS_DIR } from "../../offchain/compiler/circuit/circuitsDir.ts";
import type { CircuitInput } from "../../offchain/compiler/proving/witness.ts";
import { createCircomCalculator } from "./circomWitness.ts";
import { type CompiledCircuit, compileCircom } from "./compileCircom.ts";

/** A build without `assert`: what it refuses is refused by constraints (STYLE X8). */
export const BUILDS = ["normal", "assert-stripped"] as const;
export type Build = (typeof BUILDS)[number];

/** One instance of a template: `file` below circuits/lib, `call` such as "Relu(8)". */
export interface Instance {
    file: string;
    call: string;
    build?: Build;
    /** Public inputs of the main component. */
    publicInputs?: readonly string[];
}

/** A constraint system with its witnesses, whoever made it. */
export interface TestedSystem {
    constraintCount: number;
    /** Names of all wires, without "main.". */
    wires: string[];
    /** The witness that the system's own hints find; rejects with WitnessRefused when they break a constraint. */
    witness(input: CircuitInput): Promise<Witness>;
    /** Whether values of all wires satisfy every constraint. */
    accepts(witness: Witness): boolean;
}

/** A compiled instance. */
export interface Circuit extends TestedSystem {
    compiled: CompiledCircuit;
}

/** Values by wire name; "1" is the constant wire. */
export type Witness = ReadonlyMap<string, bigint>;

/** Compiles an instance, or takes it from .cache/circuits when nothing it depends on has changed. */
export async function compileInstance(instance: Instance): Promise<Circuit> {
    return openCircuit(await compileCached(sourceOf(instance)));
}

const OTHER_INCLUDES = /^include .*$/gm;

/** Compiles the source of a model, whose includes start with "lib/", or takes it from .cache/circuits likewise. */
export async function compileSource(source: string): Promise<Circuit> {
    const text = inlinedText({ text: source, dir: CIRCUITS_DIR, seen: new Set() });
    const includes = text.match(OTHER_INCLUDES) ?? []; // of circomlib: circom wants them before all else
    const parts = ["pragma circom 2.2.3;", ...includes, text.replaceAll(OTHER_INCLUDES, "")];
    return openCircuit(await compileCached(parts.join("\n")));
}

/** A compiled circuit with its wires by name. */
export async function openCircuit(compiled: CompiledCircuit): Promise<Circuit> {
    const { constraints, nVars } = await readR1cs(
        { type: "mem", data: compiled.r1cs },
        { F: { p: FIELD_ORDER, fromRprLE: littleEndian } },
    );
    const calculator = await createCircomCalculator(new Uint8Array(compiled.wasm));
    const names = wireNames({ sym: new TextDecoder().decode(compiled.sym), wireCount: nVars });
    return {
        compiled,
        constraintCount: constraints.length,
        wires: names.slice(1),
        async witness(input) {
            const { wire } = await calculator.calculate(input);
            return new Map(names.map((name, index) => [name, wire(index)]));
        },
        accepts(witness) {
            const values = names.map((name) => {
                const value = witness.get(name);
                if (value === undefined) throw new Error(`The witness has no ${name}.`);
                return field(value);
            });
            const evaluate = (terms: Record<number, bigint>): bigint =>
                Object.entries(terms).reduce((sum, [wire, weight]) => sum + weight * (values[Number(wire)] ?? 0n), 0n);
            return constraints.every(([a, b, c]) => (evaluate(a) * evaluate(b) - evaluate(c)) % FIELD_ORDER === 0n);
        },
    };
}

/** A copy of a witness with other values on some wires; a name that is no wire is an error of the test. */
export function forge(witness: Witness, changes: Record<string, bigint>): Witness {
    const forged = new Map(witness);
    for (const [name, value] of Object.entries(changes)) {
        if (!forged.has(name)) throw new Error(`${name} is no wire.`);
        forged.set(name, field(value));
    }
    return forged;
}

/** Every witness with the given inputs whose other wires come from `candidates` (0 and 1 where none are named). */
export function solutions({
    circuit,
    input,
    candidates = {},
}: {
    circuit: TestedSystem;
    input: Record<string, bigint>;
    candidates?: Record<string, readonly bigint[]>;
}): Witness[] {
    const base = new Map(["1", ...circuit.wires].map((name) => [name, 1n]));
    const start = forge(base, input);
    const free = circuit.wires.filter((name) => !(name in input));
    const all = free.reduce<Witness[]>(
        (partial, name) =>
            partial.flatMap((witness) => (candidates[name] ?? [0n, 1n]).map((v) => forge(witness, { [name]: v }))),
        [start],
    );
    return all.filter((witness) => circuit.accepts(witness));
}

/** Least non-negative residue. */
export function field(value: bigint): bigint {
    const rest = value % FIELD_ORDER;
    return rest < 0n ? rest + FIELD_ORDER : rest;
}

/** The integer nearest to 0 that a field element stands for. */
export function signed(value: bigint): bigint {
    return value > FIELD_ORDER / 2n ? value - FIELD_ORDER : value;
}

/** The source as one text, so that asserts can be taken out of the whole library. */
function sourceOf({ file, call, build = "normal", publicInputs = [] }: Instance): string {
    const body = inlined({ path: resolve(CIRCUITS_DIR, "lib", file), seen: new Set() });
    const kept = build === "normal" ? body : body.replaceAll(/^\s*assert\(.*\);$/gm, "");
    const list = publicInputs.length === 0 ? "" : ` { public [${publicInputs.join(", ")}] }`;
    return `pragma circom 2.2.3;\n${kept}\ncomponent main${list} = ${call};\n`;
}

function inlined({ path, seen }: { path: string; seen: Set<string> }): string {
    if (seen.has(path)) return "";
    seen.add(path);
    return inlinedText({ text: readFileSync(path, "utf8"), dir: dirname(path), seen });
}

function inlinedText({ text, dir, seen }: { text: string; dir: string; seen: Set<string> }): string {
    return text
        .replace(/^pragma .*$/m, "")
        .replaceAll(/^include "((?:\.\.?|lib)\/.*)";$/gm, (_, target) => inlined({ path: resolve(dir, target), seen }));
}

async function compileCached(source: string): Promise<CompiledCircuit> {
    const dir = join(import.meta.dirname, "../../.cache/circuits", cacheKey(source));
    const read = (name: string): Promise<Uint8Array> =>
        readFile(join(dir, name)).then((bytes) => new Uint8Array(bytes));
    try {
        const [r1cs, wasm, sym] = await Promise.all([read("r1cs"), read("wasm"), read("sym")]);
        return { r1cs, wasm, sym };
    } catch {
        const compiled = await compileCircom({ source });
        await mkdir(dir, { recursive: true });
        for (const [name, bytes] of Object.entries(compiled)) {
            await writeFile(join(dir, `${name}.${process.pid}`), bytes);
            await rename(join(dir, `${name}.${process.pid}`), join(dir, name));
        }
        return compiled;
    }
}

/** Everything the bytes depend on: the source, and the packages that are locked. */
function cacheKey(source: string): string {
    const hash = createHash("sha256").update(source);
    for (const file of globSync("node_modules/{circom2,circomlib}/package.json")) hash.update(readFileSync(file));
    return hash.digest("hex");
}

/** Name of every wire; a .sym line is label, wire, component, name. Wire 0 is the constant 1. */
function wireNames({ sym, wireCount }: { sym: string; wireCount: number }): string[] {
    const names = new Array<string>(wireCount).fill("1");
    for (const line of sym.split("\n")) {
        const [, wire = "-1", , name = ""] = line.split(",");
        if (Number(wire) > 0 && names[Number(wire)] === "1") names[Number(wire)] = name.replace(/^main\./, "");
    }
    return names;
}

function littleEndian(bytes: Uint8Array, offset: number): bigint {
    return bytes.subarray(offset, offset + 32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
