/** Calldata that is made to keep busy whoever looks in it for evidence or documents. */
import { expect } from "chai";
import { AbiCoder, concat, Interface, type InterfaceAbi } from "ethers";
import { callsIn } from "../../offchain/sdk/_calls.ts";
import { inferenceHubAbi, teeRegistryAbi } from "../../offchain/sdk/abi.ts";

/** What one transaction may carry. */
const MOST_BYTES = 128 * 1024;
const CODER = AbiCoder.defaultAbiCoder();
const SEARCHES: [name: string, abi: InterfaceAbi][] = [
    ["fulfil", inferenceHubAbi],
    ["register", teeRegistryAbi],
];

describe("attack: calldata full of calls that are none", function () {
    this.timeout(30_000);

    for (const [name, abi] of SEARCHES) {
        const contract = new Interface(abi);
        const selector = contract.getFunction(name)?.selector ?? "0x";
        const search = (data: string) => {
            const start = performance.now();
            const found = [...callsIn({ data, contract, name })].length;
            return { found, seconds: (performance.now() - start) / 1000 };
        };

        it(`is searched for ${name} in seconds when nothing but its selector is there`, () => {
            const { found, seconds } = search(`0x${selector.slice(2).repeat(MOST_BYTES / 4)}`);

            expect(found).to.equal(0);
            expect(seconds).to.be.below(2);
        });

        it(`is searched for ${name} in seconds when every selector has a head that could be one`, () => {
            const words = Array.from({ length: 20 }, () => CODER.encode(["uint256"], [1000]));
            const one = concat([selector, ...words]).slice(2);

            const { found, seconds } = search(`0x${one.repeat(Math.floor((2 * MOST_BYTES) / one.length))}`);

            expect(found).to.equal(0);
            expect(seconds).to.be.below(10);
        });
    }

    it("still finds a call behind others that are none, and inside another call", () => {
        const contract = new Interface(teeRegistryAbi);
        const zero = `0x${"00".repeat(32)}`;
        const claims = [1, zero, zero, zero];
        const registration = [1, `0x${"11".repeat(20)}`, 1, zero, claims, 0];
        const call = contract.encodeFunctionData("register", [registration, "0x1234", "0x", "0x"]);
        const selector = call.slice(0, 10);

        const data = CODER.encode(["bytes", "bytes"], [concat([selector, selector]), call]);

        const found = [...callsIn({ data, contract, name: "register" })];
        expect(found.map(({ document }) => document)).to.deep.equal(["0x1234"]);
    });
});
