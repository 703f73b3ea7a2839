import { expect } from "chai";
import { convKernel, denseKernel, exactType, rescaleKernel } from "../../../offchain/compiler/onnx/exactKernels.ts";

describe("exact kernels", () => {
    const CHOICES = [
        { bound: 0n, type: "float32" },
        { bound: 2n ** 24n, type: "float32" },
        { bound: 2n ** 24n + 1n, type: "float64" },
        { bound: 2n ** 53n, type: "float64" },
        { bound: 2n ** 53n + 1n, type: "int64" },
        { bound: 2n ** 63n - 1n, type: "int64" },
        { bound: 2n ** 63n, type: undefined },
    ];
    for (const { bound, type } of CHOICES) {
        it(`takes ${type ?? "no type"} for a bound of ${bound}`, () => {
            expect(exactType({ bound })?.type).to.equal(type);
            expect(denseKernel({ bound })?.type).to.equal(type);
            expect(convKernel({ bound })?.type).to.equal(type);
        });
    }

    it("takes Conv only in float32", () => {
        expect(convKernel({ bound: 2n ** 24n })?.form).to.equal("Conv");
        expect(convKernel({ bound: 2n ** 24n + 1n })?.form).to.equal("GatherMatMul");
        expect(convKernel({ bound: 2n ** 53n + 1n })?.form).to.equal("GatherMatMul");
    });

    describe("rescaleKernel", () => {
        it("floors in a float type while the value is exact there", () => {
            expect(rescaleKernel({ min: -5n, max: 2n ** 53n, shift: 8 })).to.deep.equal({
                type: "float64",
                dtype: 11,
                form: "MulFloor",
            });
        });

        it("adds no offset to what is not negative", () => {
            expect(rescaleKernel({ min: 0n, max: 2n ** 60n, shift: 8 })).to.deep.include({ type: "int64", offset: 0n });
        });

        it("adds the least multiple of the divisor that makes the least value non-negative", () => {
            expect(rescaleKernel({ min: -257n, max: 2n ** 60n, shift: 8 })).to.deep.include({ offset: 512n });
            expect(rescaleKernel({ min: -256n, max: 2n ** 60n, shift: 8 })).to.deep.include({ offset: 256n });
        });

        it("gives up where the offset would overflow", () => {
            expect(rescaleKernel({ min: -1n, max: 2n ** 63n - 256n, shift: 8 })).to.equal(undefined);
            expect(rescaleKernel({ min: -1n, max: 2n ** 63n - 257n, shift: 8 })).to.deep.include({ offset: 256n });
        });
    });
});
