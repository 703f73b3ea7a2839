/** circom's own witness programs, against which the direct back end is tested. */
import { FIELD_ORDER } from "@assay/protocol";
import { type CircuitInput, type Witness, WitnessRefused } from "../../offchain/compiler/proving/witness.ts";

/** Runs the witness program of one circuit. */
export interface CircomCalculator {
    /** Rejects with WitnessRefused when the constraints have no solution for the input. */
    calculate(input: CircuitInput): Promise<Witness>;
}

type CircomExports = Record<
    | "init"
    | "getFieldNumLen32"
    | "getInputSize"
    | "getWitnessSize"
    | "getWitness"
    | "setInputSignal"
    | "readSharedRWMemory"
    | "writeSharedRWMemory",
    (...values: number[]) => number
>;

const WORDS_PER_VALUE = 8; // of 32 bits
const BYTES_PER_VALUE = 4 * WORDS_PER_VALUE;

/** Compiles a circom witness program once; every calculation gets a fresh instance of it, so they do not mix. */
export async function createCircomCalculator(wasm: Uint8Array): Promise<CircomCalculator> {
    const program = await WebAssembly.compile(new Uint8Array(wasm));
    return {
        async calculate(input) {
            const { exports } = await WebAssembly.instantiate(program, { runtime: hostFunctions() });
            return runProgram({ program: exported(exports), input });
        },
    };
}

/** What the program calls; only exceptions matter, the others print. */
function hostFunctions(): Record<string, (code: number) => void> {
    const ignore = (): void => {};
    return {
        exceptionHandler: (code) => {
            throw new WitnessRefused(`The witness program stopped with code ${code}.`);
        },
        printErrorMessage: ignore,
        writeBufferMessage: ignore,
        showSharedRWMemory: ignore,
    };
}

function exported(exports: WebAssembly.Exports): CircomExports {
    const find = (name: keyof CircomExports) => {
        const found = exports[name];
        if (typeof found !== "function") throw new TypeError(`The witness program exports no ${name}.`);
        return (...values: number[]): number => Number(found(...values));
    };
    return {
        init: find("init"),
        getFieldNumLen32: find("getFieldNumLen32"),
        getInputSize: find("getInputSize"),
        getWitnessSize: find("getWitnessSize"),
        getWitness: find("getWitness"),
        setInputSignal: find("setInputSignal"),
        readSharedRWMemory: find("readSharedRWMemory"),
        writeSharedRWMemory: find("writeSharedRWMemory"),
    };
}

/** Gives the inputs one by one; the program runs when the last one is there. */
function runProgram({ program, input }: { program: CircomExports; input: CircuitInput }): Witness {
    const given = Object.values(input).reduce((sum, values) => sum + values.length, 0);
    program.init(0);
    if (program.getFieldNumLen32() !== WORDS_PER_VALUE || program.getInputSize() !== given) {
        throw new WitnessRefused(`The circuit takes ${program.getInputSize()} values, not ${given}.`);
    }
    for (const [name, values] of Object.entries(input)) {
        const hash = signalHash(name);
        for (const [index, value] of values.entries()) {
            writeValue({ program, value });
            program.setInputSignal(Number(hash >> 32n), Number(hash & 0xffff_ffffn), index);
        }
    }
    return readWitness(program);
}

function writeValue({ program, value }: { program: CircomExports; value: bigint }): void {
    const residue = ((value % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER;
    for (let word = 0; word < WORDS_PER_VALUE; word++) {
        program.writeSharedRWMemory(word, Number((residue >> BigInt(32 * word)) & 0xffff_ffffn));
    }
}

function readWitness(program: CircomExports): Witness {
    const count = program.getWitnessSize();
    const file = new Uint8Array(HEADER_BYTES + count * BYTES_PER_VALUE);
    const view = new DataView(file.buffer);
    writeHeader({ view, count });
    for (let wire = 0; wire < count; wire++) {
        program.getWitness(wire);
        for (let word = 0; word < WORDS_PER_VALUE; word++) {
            view.setUint32(offsetOf(wire) + 4 * word, program.readSharedRWMemory(word), true);
        }
    }
    return {
        file,
        wire: (index) =>
            [24, 16, 8, 0].reduce((value, at) => (value << 64n) | view.getBigUint64(offsetOf(index) + at, true), 0n),
    };
}

/** Magic, version, number of sections; header section: size of a value, field order, count; values section. */
const HEADER_BYTES = 12 + 12 + (4 + BYTES_PER_VALUE + 4) + 12;

function offsetOf(wire: number): number {
    return HEADER_BYTES + wire * BYTES_PER_VALUE;
}

function writeHeader({ view, count }: { view: DataView; count: number }): void {
    [..."wtns"].forEach((letter, i) => {
        view.setUint8(i, letter.charCodeAt(0));
    });
    view.setUint32(4, 2, true);
    view.setUint32(8, 2, true);
    view.setUint32(12, 1, true);
    view.setBigUint64(16, BigInt(4 + BYTES_PER_VALUE + 4), true);
    view.setUint32(24, BYTES_PER_VALUE, true);
    for (let i = 0; i < 4; i++) {
        view.setBigUint64(28 + 8 * i, (FIELD_ORDER >> BigInt(64 * i)) & 0xffff_ffff_ffff_ffffn, true);
    }
    view.setUint32(28 + BYTES_PER_VALUE, count, true);
    view.setUint32(32 + BYTES_PER_VALUE, 2, true);
    view.setBigUint64(36 + BYTES_PER_VALUE, BigInt(count * BYTES_PER_VALUE), true);
}

/** 64-bit FNV-1a: how circom names signals in the program. */
function signalHash(name: string): bigint {
    return [...new TextEncoder().encode(name)].reduce(
        (hash, byte) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n),
        0xcbf29ce484222325n,
    );
}
