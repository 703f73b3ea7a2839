import { encodeTensor, type IoSpec, isBound, publicSignals } from "@assay/protocol";
import { expect } from "chai";
import { buildCircuit, type Circuit } from "../../../offchain/compiler/buildCircuit.ts";
import { publicCountOf } from "../../../offchain/compiler/circuit/system/r1cs.ts";
import { type Analysis, analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import type { IntegerGraph } from "../../../offchain/compiler/integer/types.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import { createSession } from "../../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { createWitnessCalculator } from "../../../offchain/compiler/proving/witness.ts";
import { ioSpecOf } from "../../../offchain/compiler/quantise/ioSpec.ts";
import { integerModel } from "../../../offchain/compiler/runtime/integerModel.ts";
import { formatsOf, someInputs } from "./_integerGraphs.ts";

const VK_HASH = `0x${"5a".repeat(32)}` as const;
const BIND = 12345678901234567890n;

/**
 * Expects interpreter, integer ONNX model in onnxruntime and circuit to agree, on the corners of the input's range and
 * `count` random inputs; every witness satisfies every constraint. Returns the circuit.
 */
export async function expectAgreement({ graph, count = 50, seed = 1 }: Agreement): Promise<Circuit> {
    const analysis = analyse(graph);
    return expectAgreementOn({ analysis, ioSpec: specOf(analysis), inputs: someInputs({ graph, count, seed }) });
}

type Agreement = { graph: IntegerGraph; count?: number; seed?: number };

/** The same for given inputs and the ioSpec of a compilation. */
export async function expectAgreementOn({ analysis, ioSpec, inputs }: AgreementOn): Promise<Circuit> {
    const { graph } = analysis;
    const circuit = buildCircuit({ analysis, ioSpec, name: "test" });
    const calculator = createWitnessCalculator(circuit.system);
    const names = {
        inputs: graph.inputs.map(({ tensor }) => tensor),
        outputs: graph.outputs.map((_, index) => `out${index}`),
    };
    const session = await createSession(writeOnnx(integerModel({ analysis, ioSpec, names })));
    const interpreter = createInterpreter(analysis);
    for (const input of inputs) {
        const output = interpreter.run(input);
        expect(await session.runIntegers(input), "onnxruntime").to.deep.equal(output);
        expectSignals({ circuit, calculator, ioSpec, input, output });
    }
    await session.close();
    return circuit;
}

type AgreementOn = { analysis: Analysis; ioSpec: IoSpec; inputs: bigint[][] };

type Signals = {
    circuit: Circuit;
    calculator: ReturnType<typeof createWitnessCalculator>;
    ioSpec: IoSpec;
    input: bigint[];
    output: bigint[];
};

/** The witness's public signals are those that the gate rebuilds from the tensors. */
function expectSignals({ circuit, calculator, ioSpec, input, output }: Signals): void {
    const signalsOf = (r: bigint): bigint[] => {
        const challenge = isBound(ioSpec) ? { r: [r] } : {};
        const { wire } = calculator.calculate({ x: input, bind: [BIND], ...challenge });
        return Array.from({ length: publicCountOf(circuit.system.r1cs) }, (_, index) => wire(index + 1));
    };
    const parts = {
        ioSpec,
        vkHash: VK_HASH,
        input: encodeTensor({ dtype: ioSpec.input.dtype, values: input }),
        output: encodeTensor({ dtype: ioSpec.output.dtype, values: output }),
        bind: BIND,
    };
    if (!isBound(ioSpec)) {
        expect(signalsOf(0n), "circuit").to.deep.equal(publicSignals(parts));
        return;
    }
    const [c = 0n] = signalsOf(0n);
    const expected = publicSignals({ ...parts, c });
    const [, , r = 0n] = expected;
    expect(signalsOf(r), "circuit").to.deep.equal(expected);
}

/** The ioSpec that a compilation of this graph would have. */
function specOf(analysis: Analysis): IoSpec {
    const [{ min, max } = { min: 0n, max: 0n }] = analysis.graph.inputs;
    const dtype = min < 0n ? DTYPE.INT8 : DTYPE.UINT8;
    const format = { dtype, bits: 8, min, max, scaleLog2: 0, zeroPoint: 0n };
    return ioSpecOf({ analysis, formats: formatsOf({ graph: analysis.graph, format }) });
}
