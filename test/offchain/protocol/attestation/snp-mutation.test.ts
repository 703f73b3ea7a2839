import { verifySnp } from "@assay/protocol";
import { expect } from "chai";
import { GENUINE } from "./_snp.ts";

const SEED = 20261121;
const MUTATIONS = 400;

/** The same numbers in every run: mulberry32. */
function numbers(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        const mixed = Math.imul(state ^ (state >>> 15), state | 1);
        const more = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61));
        return (more ^ (more >>> 14)) >>> 0;
    };
}

/** Copies of bytes, each with one byte changed. */
function* mutations(bytes: Uint8Array): Generator<Uint8Array> {
    const next = numbers(SEED);
    for (let count = 0; count < MUTATIONS; count += 1) {
        const offset = next() % bytes.length;
        yield bytes.with(offset, (bytes[offset] ?? 0) ^ (1 + (next() % 255)));
    }
}

describe(`verifySnp of a genuine report with one byte changed (seed ${SEED})`, function () {
    this.timeout(60_000);

    const { report, vcek: collateral, at } = GENUINE;

    it(`accepts none of ${MUTATIONS} reports`, async () => {
        for (const mutated of mutations(report)) {
            expect(await verifySnp({ report: mutated, collateral, at })).to.have.property("accepted", false);
        }
    });

    it(`accepts none of ${MUTATIONS} certificates of its key`, async () => {
        for (const mutated of mutations(collateral)) {
            expect(await verifySnp({ report, collateral: mutated, at })).to.have.property("accepted", false);
        }
    });
});
