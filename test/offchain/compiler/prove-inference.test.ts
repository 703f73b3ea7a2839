import { encodeTensor, isProtocolError } from "@assay/protocol";
import { expect } from "chai";
import { buildCircuit } from "../../../offchain/compiler/buildCircuit.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import { proveInference } from "../../../offchain/compiler/proving/proveInference.ts";
import { createWitnessCalculator } from "../../../offchain/compiler/proving/witness.ts";
import { ioSpecOf } from "../../../offchain/compiler/quantise/ioSpec.ts";
import { aGraph, formatsOf } from "./_integerGraphs.ts";

const VK_HASH = `0x${"5a".repeat(32)}` as const;

/** y = max(x, 0) for an x in [-4, 5], and the code that a claimed inference is refused with before it is proven. */
async function refusal({ x, y }: { x: bigint; y: bigint }): Promise<string> {
    const nodes = [{ node: { op: "relu" } as const, shape: [1, 1] }];
    const analysis = analyse(aGraph({ shape: [1, 1], min: -4n, max: 5n, nodes }));
    const format = { dtype: DTYPE.INT8, bits: 8, min: -4n, max: 5n, scaleLog2: 0, zeroPoint: 0n };
    const ioSpec = ioSpecOf({ analysis, formats: formatsOf({ graph: analysis.graph, format }) });
    const calculator = createWitnessCalculator(buildCircuit({ analysis, ioSpec, name: "relu" }).system);
    const input = encodeTensor({ dtype: ioSpec.input.dtype, values: [x] });
    const output = encodeTensor({ dtype: ioSpec.output.dtype, values: [y] });
    const prove = () => expect.fail("it was proven");
    const job = { calculator, prove, ioSpec, vkHash: VK_HASH, input, output, bind: 7n };
    const fault = await proveInference(job).catch((error: unknown) => error);
    return isProtocolError(fault) ? fault.code : `${fault}`;
}

describe("proveInference", () => {
    it("refuses an output that the circuit does not give", async () => {
        expect(await refusal({ x: 3n, y: 4n })).to.equal("PROVER_SIGNALS_MISMATCH");
    });

    it("refuses an input that the circuit has no witness for", async () => {
        expect(await refusal({ x: 6n, y: 6n })).to.equal("PROVER_WITNESS_REFUSED");
    });
});
