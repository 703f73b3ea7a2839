import { readFile } from "node:fs/promises";
import { compileModel, interpret, loadModel } from "@assay/compiler";
import { decodeIoSpec, encodeTensor, type IoSpec, uintToHex } from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import instances from "../../../circuits/circuits.json" with { type: "json" };
import { buildCircuit, type Circuit } from "../../../offchain/compiler/buildCircuit.ts";
import { wireNames } from "../../../offchain/compiler/circuit/system/writeSym.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import type { IntegerGraph } from "../../../offchain/compiler/integer/types.ts";
import { seal } from "../../../offchain/compiler/proving/proveInference.ts";
import { committedAs } from "../../../offchain/compiler/visibility.ts";
import { canonicalCircom, canonicalSystem, circomNames } from "../../support/canonicalSystem.ts";
import { compileSource, type Witness } from "../../support/circuit.ts";
import { openSystem } from "../../support/system.ts";
import { aLayer, byteSpec, CIRCUIT_GRAPHS, circuitOfGraph } from "./_circuitGraphs.ts";
import { someInputs } from "./_integerGraphs.ts";
import { inTempDir, MODEL_CACHE } from "./_tempDir.ts";

const ROOT = new URL("../../../", import.meta.url);
const SLOW_MS = 120_000; // circom compiles what is not cached
const calibrationFile = z.object({ input_data: z.array(z.array(z.number())) });

type Compared = { circuit: Circuit; graph: IntegerGraph; inputs: number; ioSpec?: IoSpec };

/** Expects one multiset of constraints of both, and each to accept the witness that the other's program finds. */
async function expectSame({ circuit, graph, inputs, ioSpec }: Compared): Promise<void> {
    const circom = await compileSource(circuit.source);
    const direct = openSystem(circuit.system);
    const { sym } = circom.compiled;
    const names = circomNames({ sym, wireCount: circom.wires.length + 1 }).map((name) => name.replace(/^main\./, ""));

    const constraints = canonicalSystem({ r1cs: circuit.system.r1cs, names: wireNames(circuit.system) });
    expect(constraints).to.deep.equal(canonicalCircom(circom.compiled));
    expect([...direct.wires].sort()).to.deep.equal(names.slice(1).sort());
    const [toDirect, toCircom] = [new Map<string, string>(), new Map<string, string>()];
    for (const [index, theirs] of ["1", ...circom.wires].entries()) {
        const ours = names[index] ?? "";
        toDirect.set(theirs, ours);
        toCircom.set(ours, theirs);
    }
    const challenge = circuit.plan.binding.isBound ? { r: [123_456_789n] } : {};
    for (const x of someInputs({ graph, count: inputs, seed: 5 })) {
        const secrets = ioSpec === undefined ? {} : secretsOf({ graph, ioSpec, x });
        const own = Object.fromEntries(circuit.system.fixed ?? []);
        const given = { x, bind: [42n], ...challenge, ...secrets, ...own };
        const [ours, theirs] = [await direct.witness(given), await circom.witness(given)];

        expect(circom.accepts(renamed(ours, toCircom))).to.equal(true);
        expect(direct.accepts(renamed(theirs, toDirect))).to.equal(true);
    }
}

/** Salts and hashes of the committed sides of one inference. */
function secretsOf({ graph, ioSpec, x }: { graph: IntegerGraph; ioSpec: IoSpec; x: bigint[] }) {
    const y = interpret(graph, x);
    const saltOf = ({ committed }: { committed: boolean }, salt: bigint) => (committed ? uintToHex(salt) : undefined);
    return seal({
        ioSpec,
        input: encodeTensor({ dtype: ioSpec.input.dtype, values: x }),
        output: encodeTensor({ dtype: ioSpec.output.dtype, values: y }),
        salts: { input: saltOf(ioSpec.input, 99n), output: saltOf(ioSpec.output, 98n) },
    }).secrets;
}

function renamed(witness: Witness, names: ReadonlyMap<string, string>): Witness {
    return new Map([...witness].map(([name, value]) => [names.get(name) ?? name, value]));
}

describe("direct back end and circom", function () {
    this.timeout(SLOW_MS);

    for (const { name, graph } of CIRCUIT_GRAPHS) {
        it(`make the same constraint system of ${name}`, async () => {
            await expectSame({ circuit: circuitOfGraph(graph), graph, inputs: 4 });
        });
    }

    for (const [input, output] of [
        [true, false],
        [false, true],
        [true, true],
    ] as const) {
        for (const words of ["packed", "bound"] as const) {
            const what = `${words} words, input ${input ? "committed" : "public"}, output ${output ? "committed" : "public"}`;
            it(`make the same constraint system of ${what}`, async () => {
                const graph = aLayer({ columns: words === "bound" ? 130 : 3, rows: words === "bound" ? 17 : 2 });
                const like = { input: { committed: input }, output: { committed: output } };
                const ioSpec = committedAs({ ioSpec: byteSpec(graph), like });
                const circuit = buildCircuit({ analysis: analyse(graph), ioSpec, name: "test" });

                expect(circuit.plan.binding.isBound).to.equal(words === "bound" && !(input && output));
                await expectSame({ circuit, graph, ioSpec, inputs: 2 });
            });
        }
    }

    for (const { name, model, calibration } of instances) {
        it(`make the same constraint system of the model ${name}`, async () => {
            await inTempDir(async (dir) => {
                const read = (file: string) => readFile(new URL(file, ROOT));
                const { input_data } = calibrationFile.parse(JSON.parse((await read(calibration)).toString()));
                const onnx = new Uint8Array(await read(model));
                const outDir = `${dir}/${name}`;
                await compileModel({ onnx, name, outDir, calibration: input_data, cacheDir: MODEL_CACHE });
                const { graph, manifest } = await loadModel(outDir);
                const ioSpec = decodeIoSpec(manifest.ioSpec);

                await expectSame({
                    circuit: buildCircuit({ analysis: analyse(graph), ioSpec, name }),
                    graph,
                    inputs: 0,
                });
            });
        });
    }
});
