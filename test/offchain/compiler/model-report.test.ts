import { join } from "node:path";
import { compileModel, loadModel, modelReport } from "@assay/compiler";
import { expect } from "chai";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { escapeHtml, shortNumber } from "../../../offchain/compiler/report/_html.ts";
import { histogram } from "../../../offchain/compiler/report/histogram.ts";
import { scatter } from "../../../offchain/compiler/report/scatter.ts";
import { soundnessFacts } from "../../../offchain/compiler/report/soundness.ts";
import { rejection } from "./_faults.ts";
import { anMlp } from "./_floatModels.ts";
import { inTempDir, MODEL_CACHE } from "./_tempDir.ts";

const SLOW_MS = 60_000;
const CALIBRATION = [
    [0, 1, 2, 3],
    [15, 0, 7, 8],
    [1, 1, 1, 1],
];
const ONNX = writeOnnx(anMlp({ sizes: [4, 3, 2], argMax: true }));

/** The page of a tiny model under a name. */
async function reportOf({ name = "tiny", onnx = ONNX }: { name?: string; onnx?: Uint8Array } = {}): Promise<string> {
    return inTempDir(async (dir) => {
        const [modelDir, calibration] = [join(dir, "tiny"), CALIBRATION];
        await compileModel({ onnx: ONNX, name, outDir: modelDir, calibration, cacheDir: MODEL_CACHE });
        return modelReport({ modelDir, onnx, calibration });
    });
}

describe("modelReport", () => {
    it("loads nothing and runs nothing", async () => {
        const html = await reportOf();

        expect(html).to.match(/^<!doctype html>/);
        expect(html).to.contain("default-src 'none'");
        expect(html).not.to.match(/<script|<link|<img|<iframe|src=|href=|url\(|@import|https?:/);
    }).timeout(SLOW_MS);

    it("shows layers, accuracy, every score on the samples and what a proof rests on", async () => {
        const html = await reportOf();

        expect(html).to.contain("What it costs").and.to.contain("ArgMax");
        expect(html.match(/<circle /g)).to.have.length(CALIBRATION.length * 2);
        expect(html).to.contain("wires that the inputs determine").and.to.contain("nothing is left open");
        expect(html).to.contain("Development key: anybody can forge proofs of it.");
    }).timeout(SLOW_MS);

    it("shows a hostile name as text", async () => {
        const html = await reportOf({ name: "<script>alert('x')</script>" });

        expect(html).not.to.contain("<script>");
        expect(html).to.contain("&#60;script&#62;alert(&#39;x&#39;)");
    }).timeout(SLOW_MS);

    it("says of a key for real chains that the makers of its phase 1 can forge, and checks it again with that", async () => {
        await inTempDir(async (dir) => {
            const modelDir = join(dir, "tiny");
            await compileModel({
                onnx: ONNX,
                name: "tiny",
                outDir: modelDir,
                calibration: CALIBRATION,
                cacheDir: MODEL_CACHE,
            });
            const model = await loadModel(modelDir);
            const hash = model.manifest.vkHash;
            const transcript = {
                r1cs: hash,
                ptau: { sha256: hash, log2Size: 7 },
                circuitHash: hash,
                contributions: [],
            };

            expect(new Map(soundnessFacts(model)).get("to check it again")).not.to.contain("--ptau");
            for (const kind of ["single", "ceremony"] as const) {
                const setup = { kind, transcriptHash: hash, transcript };
                const facts = new Map(soundnessFacts({ ...model, manifest: { ...model.manifest, setup } }));
                expect(facts.get("setup")).to.contain("so can the makers of its phase 1").and.contain("the public one");
                expect(facts.get("to check it again")).to.contain("--onnx FILE --ptau FILE");
            }
        });
    }).timeout(SLOW_MS);

    it("refuses the directory of another file", async () => {
        const fault = await rejection(
            reportOf({ onnx: writeOnnx(anMlp({ sizes: [4, 3, 2], argMax: true, seed: 9 })) }),
        );

        expect(fault.code).to.equal("MODEL_SOURCE_MISMATCH");
    }).timeout(SLOW_MS);

    it("is the same page each time", async () => {
        expect(await reportOf()).to.equal(await reportOf());
    }).timeout(SLOW_MS);
});

describe("charts of a report", () => {
    it("puts equal scores on the diagonal and keeps every mark inside the frame", () => {
        const svg = scatter({ title: "a & b", pairs: [-2, 0, 5].map((value) => ({ float: value, integer: value })) });

        const points = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
            Number(x),
            Number(y),
        ]);
        expect(points).to.deep.equal([
            [64, 276],
            [166.9, 200.6],
            [424, 12],
        ]);
        expect(svg).to.contain('aria-label="a &#38; b"');
    });

    it("draws at most two thousand points", () => {
        const pairs = Array.from({ length: 10_001 }, (_, float) => ({ float, integer: float }));

        expect([...scatter({ title: "many", pairs }).matchAll(/<circle/g)].length).to.be.within(1_000, 2_000);
    });

    it("draws scores that are all alike, and differences that are all 0", () => {
        const flat = scatter({ title: "flat", pairs: [{ float: 3, integer: 3 }] });
        const none = histogram({ title: "none", values: [0, 0, 0] });

        for (const svg of [flat, none]) expect(svg).not.to.match(/NaN|Infinity/);
    });

    it("writes numbers short and text without markup", () => {
        expect([0, 1234.5678, 0.00001234, -0.5].map(shortNumber)).to.deep.equal(["0", "1235", "1.23e-5", "-0.5"]);
        expect(escapeHtml(`<a href="x">&'`)).to.equal("&#60;a href=&#34;x&#34;&#62;&#38;&#39;");
    });
});
