import { expect } from "chai";
import { rangesOf } from "../../../offchain/executor/core/ranges.ts";

describe("executor core: rangesOf", () => {
    it("covers every block once", () => {
        expect(rangesOf({ from: 5, to: 15, size: 4 })).to.deep.equal([
            { fromBlock: 5, toBlock: 8 },
            { fromBlock: 9, toBlock: 12 },
            { fromBlock: 13, toBlock: 15 },
        ]);
    });

    it("gives one range for one block", () => {
        expect(rangesOf({ from: 7, to: 7, size: 4 })).to.deep.equal([{ fromBlock: 7, toBlock: 7 }]);
    });

    it("gives no range when there is nothing new", () => {
        expect(rangesOf({ from: 8, to: 7, size: 4 })).to.deep.equal([]);
    });
});
