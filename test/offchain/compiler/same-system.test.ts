import { readFile } from "node:fs/promises";
import { compileModel, loadModel } from "@assay/compiler";
import { decodeIoSpec } from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import instances from "../../../circuits/circuits.json" with { type: "json" };
import { buildCircuit, type Circuit } from "../../../offchain/compiler/buildCircuit.ts";
import { wireNames } from "../../../offchain/compiler/circuit/system/writeSym.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import type { IntegerGraph } from "../../../offchain/compiler/integer/types.ts";
import { canonicalCircom, canonicalSystem, circomNames } from "../../support/canonicalSystem.ts";
import { compileSource, type Witness } from "../../support/circuit.ts";
import { openSystem } from "../../support/system.ts";
import { CIRCUIT_GRAPHS, circuitOfGraph } from "./_circuitGraphs.ts";
import { someInputs } from "./_integerGraphs.ts";
import { inTempDir, MODEL_CACHE } from "./_tempDir.ts";

const ROOT = new URL("../../../", import.meta.url);
const SLOW_MS = 120_000; // circom compiles what is not cached
const calibrationFile = z.object({ input_data: z.array(z.array(z.number())) });

type Compared = { circuit: Circuit; graph: IntegerGraph; inputs: number };

/** Expects one multiset of constraints of both, and each to accept the witness that the other's program finds. */
async function expectSame({ circuit, graph, inputs }: Compared): Promise<void> {
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
        const given = { x, bind: [42n], ...challenge };
        const [ours, theirs] = [await direct.witness(given), await circom.witness(given)];

        expect(circom.accepts(renamed(ours, toCircom))).to.equal(true);
        expect(direct.accepts(renamed(theirs, toDirect))).to.equal(true);
    }
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
