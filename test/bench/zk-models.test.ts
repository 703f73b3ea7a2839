import { createSession } from "@assay/compiler";
import { expect } from "chai";
import { generateNet, NET_SHAPES } from "../../bench/zk/generated.ts";
import { loadRowModel, paramsOf, ROW_NAMES } from "../../bench/zk/models.ts";

describe("models of the zk benchmark", () => {
    it("have the names that the design fixes, each with samples of its input's size", async () => {
        expect(ROW_NAMES).to.deep.equal([
            ...["digits-mlp", "digits-cnn", "mlp-784-128-10", "lenet5", "tabular-mlp", "gbt-100x4"],
            ...["bench-784-56-10", "bench-28-6-16-10-5", "bench-lenet-28-6-16-120-84-10"],
        ]);
        for (const name of ROW_NAMES) {
            const { onnx, calibration } = await loadRowModel(name);
            const session = await createSession(onnx);
            const sample = Float32Array.from(calibration[0] ?? []);
            expect(await session.run([sample]), name).to.have.length(1);
            await session.close();
        }
    });

    for (const [name, params] of [
        ["bench-784-56-10", 44_530],
        ["bench-28-6-16-10-5", 5_142],
        ["bench-lenet-28-6-16-120-84-10", 44_426],
    ] as const) {
        it(`generates ${name} with the ${params} parameters that were published, the same each time`, () => {
            const shape = NET_SHAPES[name];

            expect(paramsOf(generateNet(shape))).to.equal(params);
            expect(generateNet(shape)).to.deep.equal(generateNet(shape));
        });
    }
});
