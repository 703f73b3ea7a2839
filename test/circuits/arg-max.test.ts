import { expect } from "chai";
import fc from "fast-check";
import { BUILDS, type Circuit, compileInstance, field, forge, signed, solutions } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";
import { argMax, integers } from "./_values.ts";

const FILE = "selection/arg-max.circom";

describe("ArgMax", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs (N - 1)(M + 1) + 2(N - 2) constraints", async () => {
        for (const [n, m, constraints] of [
            [2, 8, 9],
            [3, 8, 20],
            [10, 20, 205],
        ]) {
            const { constraintCount } = await compileInstance({ file: FILE, call: `ArgMax(${n},${m})` });

            expect(constraintCount).to.equal(constraints);
        }
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let small: Circuit;
            let ten: Circuit;
            let two: Circuit;

            before(async () => {
                small = await compileInstance({ file: FILE, call: "ArgMax(3,2)", build });
                ten = await compileInstance({ file: FILE, call: "ArgMax(10,20)", build });
                two = await compileInstance({ file: FILE, call: "ArgMax(2,250)", build });
            });

            it("allows one index for all small values, none when a difference is too wide", () => {
                for (const [a, b, c] of triples(-2n, 2n)) {
                    const found = solutions({
                        circuit: small,
                        input: { "x[0]": a, "x[1]": b, "x[2]": c },
                        candidates: { index: integers(-1n, 3n), "best[0]": integers(-3n, 3n) },
                    });
                    const leader = [a, b][Number(argMax([a, b]))] ?? 0n;
                    const isBounded = isNarrow(b - a) && isNarrow(c - leader);

                    expect(found.map((w) => signed(w.get("index") ?? 0n))).to.deep.equal(
                        isBounded ? [argMax([a, b, c])] : [],
                    );
                }
            });

            it("lets the first of equal values win", async () => {
                for (const x of [integers(0n, 9n).map(() => 7n), [3n, 7n, 7n, 7n, 1n, 7n, 0n, 0n, 0n, 7n]]) {
                    const witness = await ten.witness({ x });

                    expect(witness.get("index")).to.equal(argMax(x));
                }
            });

            it("finds the index on edges and at random", async () => {
                const top = (1n << 20n) - 1n;
                const judge = async (x: bigint[]): Promise<void> => {
                    const witness = await ten.witness({ x });
                    expect(ten.accepts(witness)).to.equal(true);
                    expect(witness.get("index")).to.equal(argMax(x));
                };

                for (let place = 0; place < 10; place++) {
                    await judge(integers(0n, 9n).map((_, i) => (i === place ? top : 0n)));
                    await judge(integers(0n, 9n).map((_, i) => (i === place ? 0n : -top)));
                    await judge(integers(0n, 9n).map((_, i) => (i >= place ? 1n : 0n)));
                }
                const value = fc.oneof(fc.bigInt({ min: -(1n << 19n), max: (1n << 19n) - 1n }), fc.bigInt(-2n, 2n));
                await fc.assert(fc.asyncProperty(fc.array(value, { minLength: 10, maxLength: 10 }), judge));
            });

            it("refuses a difference of 2^M", async () => {
                const zeros = new Array<bigint>(9).fill(0n);

                await expectRefused(ten, { x: [...zeros, -(1n << 20n)] });
                await expectRefused(ten, { x: [...zeros, (1n << 20n) + 1n] });
                expect(ten.accepts(await ten.witness({ x: [...zeros, 1n << 20n] }))).to.equal(true);
            });

            it("compares values of 250 bits", async () => {
                const half = (1n << 249n) - 1n;
                for (const x of [
                    [half, -half],
                    [-half, half],
                    [half, half],
                ]) {
                    const witness = await two.witness({ x });

                    expect(two.accepts(witness)).to.equal(true);
                    expect(witness.get("index")).to.equal(argMax(x));
                }
            });

            it("refuses another index, with the wires that would go with it", async () => {
                const x = [5n, 9n, 2n, 9n, 0n, 1n, 8n, 3n, 4n, 7n];
                const honest = await ten.witness({ x });
                for (const place of [0, 3, 6]) {
                    const liked = x.map((value, i) => (i === place ? 100n : value));
                    const other = await ten.witness({ x: liked });

                    const inputs = Object.fromEntries(x.map((value, i) => [`x[${i}]`, value]));
                    expect(ten.accepts(forge(other, inputs))).to.equal(false);
                    expect(ten.accepts(forge(honest, { index: BigInt(place) }))).to.equal(false);
                }
            });

            it("refuses every forged wire", async () => {
                const honest = await ten.witness({ x: [5n, 9n, 2n, 9n, 0n, 1n, 8n, 3n, 4n, 7n] });

                for (const wire of ten.wires.filter((name) => !name.startsWith("x"))) {
                    for (const delta of [1n, -1n]) {
                        const value = field((honest.get(wire) ?? 0n) + delta);
                        expect(ten.accepts(forge(honest, { [wire]: value })), wire).to.equal(false);
                    }
                }
            });
        });
    }
});

function isNarrow(difference: bigint): boolean {
    return difference >= -3n && difference <= 4n;
}

function triples(min: bigint, max: bigint): [bigint, bigint, bigint][] {
    const values = integers(min, max);
    return values.flatMap((a) => values.flatMap((b) => values.map((c): [bigint, bigint, bigint] => [a, b, c])));
}
