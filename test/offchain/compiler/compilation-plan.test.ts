import { type CompilationPlan, compileModel } from "@assay/compiler";
import { expect } from "chai";
import { domainOf, expectedCost } from "../../../offchain/compiler/forecast/expectedCost.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { expectNear } from "../../support/near.ts";
import { anMlp } from "./_floatModels.ts";
import { inTempDir } from "./_tempDir.ts";

const SLOW_MS = 60_000;
const ONNX = writeOnnx(anMlp({ sizes: [4, 3, 2], argMax: true }));
const CALIBRATION = [
    [0, 1, 2, 3],
    [15, 0, 7, 8],
];

describe("the plan of a compilation", () => {
    it("comes before circuit and keys, and is what the manifest says afterwards", async () => {
        await inTempDir(async (outDir) => {
            const events: string[] = [];
            const plans: CompilationPlan[] = [];
            const manifest = await compileModel({
                onnx: ONNX,
                name: "tiny",
                outDir: `${outDir}/tiny`,
                calibration: CALIBRATION,
                onProgress: (line) => events.push(line),
                onPlan: (plan) => {
                    events.push("plan");
                    plans.push(plan);
                },
            });

            const [plan] = plans;
            expect(plans).to.have.length(1);
            expect(plan?.constraints).to.deep.equal(manifest.constraints);
            expect(plan?.signals).to.equal(manifest.signals);
            expect(
                plan?.layers.slice(0, -1).map(({ op, name, constraints }) => ({ op, name, constraints })),
            ).to.deep.equal(manifest.layers);
            const keys = events.findIndex((line) => line.includes("keys"));
            expect(events.indexOf("plan")).to.be.within(1, keys - 1);
        });
    }).timeout(SLOW_MS);

    it("counts every constraint once, by layer and by part, and every operator of the file", async () => {
        const plan = await planOf();

        const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
        expect(sum(plan.layers.map(({ constraints }) => constraints))).to.equal(plan.constraints.total);
        expectNear({ actual: sum(plan.layers.map(({ share }) => share)), wanted: 1, tolerance: 1e-9 });
        for (const { op, constraints, parts } of plan.layers) {
            if (op !== "binding") expect(sum(parts.map((part) => part.constraints))).to.equal(constraints);
        }
        expect(plan.operators).to.deep.equal([
            { name: "Gemm", count: 2 },
            { name: "Relu", count: 1 },
            { name: "ArgMax", count: 1 },
        ]);
    }).timeout(SLOW_MS);

    it("takes the next power of two as domain", () => {
        expect(domainOf({ constraints: 1020, signals: 3 })).to.equal(1024);
        expect(domainOf({ constraints: 1021, signals: 3 })).to.equal(2048);
    });

    it("expects more time of a greater domain and more gas of more signals", () => {
        const small = expectedCost({ domain: 1024, signals: 3 });
        const large = expectedCost({ domain: 2048, signals: 5 });

        expect(large.proveMs).to.be.greaterThan(small.proveMs);
        expect(large.setupMs).to.be.greaterThan(small.setupMs);
        expect(large.verifyGas).to.be.greaterThan(small.verifyGas);
    });
});

/** The plan of the tiny model. */
async function planOf(): Promise<CompilationPlan> {
    const plans: CompilationPlan[] = [];
    await inTempDir(async (dir) => {
        const onPlan = (plan: CompilationPlan) => plans.push(plan);
        await compileModel({ onnx: ONNX, name: "tiny", outDir: `${dir}/tiny`, calibration: CALIBRATION, onPlan });
    });
    const [plan] = plans;
    if (plan === undefined) throw new Error("There was no plan");
    return plan;
}
