import { type Analysis, analyse } from "../integer/analyse.ts";
import { bitLength, greatestOf } from "../integer/bigMath.ts";
import type { CompiledModel } from "../loadModel.ts";

/** Whole numbers of so many bits, sign included, never wrap in the scalar field of bn254. */
const FIELD_BITS = 253;

const PHASE_1 = "and so can the makers of its phase 1 (powers of tau), unless it is the public one";
const SETUPS = {
    dev: "development: its secret is public, so anybody can forge proofs of this key; for chains 31337 and 1337 only",
    single: `one contribution: whoever made this key can forge, ${PHASE_1}; everybody else cannot`,
    ceremony: `ceremony: its contributors can forge if all worked together, ${PHASE_1}; everybody else cannot`,
};

const RECHECK_DEV = "assay verify --dir DIR --rebuild --onnx FILE compiles it anew and compares every byte";
const RECHECK =
    "assay verify --dir DIR --rebuild --onnx FILE --ptau FILE compiles it anew and follows the key from its phase 1";

/** What a proof of the model rests on, each with its figure. */
export function soundnessFacts({ manifest, graph }: CompiledModel): [name: string, value: string][] {
    const { uniqueness, setup, parameters, certificates, inputs } = manifest;
    const ranges = inputs.map(({ name, min, max }) => `${name}: ${min} to ${max}`).join("; ");
    return [
        ["accepted inputs", `every element is checked in the circuit: ${ranges}`],
        ["widest number", `${widestBits(analyse(graph))} of the field's ${FIELD_BITS} bits, for every accepted input`],
        ["wires that the inputs determine", determinedText(uniqueness)],
        [
            "weights",
            parameters === undefined
                ? "constants of the circuit: the verifying key is the model"
                : `private: the circuit commits to ${parameters.count} of them by ${parameters.commitment}`,
        ],
        ...(certificates.length === 0 ? [] : [certificateFact(certificates.length)]),
        ["setup", SETUPS[setup.kind]],
        ["to check it again", setup.kind === "dev" ? RECHECK_DEV : RECHECK],
    ];
}

/** Bits of the greatest magnitude that any tensor or partial sum can reach, and the sign. */
function widestBits({ reach }: Analysis): number {
    return 1 + bitLength(greatestOf([...reach.values()]));
}

function determinedText({ wires, determined, free, unproven }: CompiledModel["manifest"]["uniqueness"]): string {
    const others = free === 0 ? "" : `, ${free} are free and reach nothing`;
    const open = unproven.length === 0 ? "nothing is left open" : `NOT PROVEN: ${unproven.join(", ")}`;
    return `${determined} of ${wires}${others}; ${open}`;
}

function certificateFact(count: number): [string, string] {
    return ["requantisation", `${count} scales certified equal to onnxruntime's on every sum that can occur`];
}
