import { SIMULATED_TDX, verifyDcap } from "@assay/protocol";
import { expect } from "chai";
import { tdxCollateral } from "../../../../offchain/enclave/simulated/tdx.ts";
import { pemOf } from "../../../../offchain/enclave/simulated/tdxQuote.ts";
import { createRandom, type Random } from "../../../offchain/protocol/_random.ts";
import { AT, aTdxQuote, type TdxCase } from "../../../support/attestation/simulatedTdx.ts";
import { createTdxWorld } from "../../../support/simulatedTdxWorld.ts";

const SEED = "simulated-tdx/1";
const CHANGES = 200;
const GOOD = aTdxQuote();
/** Where the PEM chain begins, which no signature covers; 32 bytes of the quoting enclave's data stand before it. */
const PEM_OFFSET = 1220 + 32 + 6;

/** A copy with one byte before `end` changed. */
function changed(random: Random, bytes: Uint8Array, end = bytes.length): Uint8Array {
    const offset = random.below(end);
    return bytes.with(offset, (bytes[offset] ?? 0) ^ (1 + random.below(255)));
}

/** A quote with these certificates in it and beside it. */
function withChain({ leaf, intermediate }: Pick<TdxCase, "leaf" | "intermediate">): TdxCase {
    const { quote } = aTdxQuote({ leafBytes: () => leaf, intermediateBytes: () => intermediate });
    return { quote, leaf, intermediate, collateral: tdxCollateral({ leaf, intermediate }) };
}

const TARGETS: Record<string, (random: Random) => TdxCase> = {
    "the signed parts of a quote": (random) => ({ ...GOOD, quote: changed(random, GOOD.quote, PEM_OFFSET) }),
    "a platform's certificate": (random) => withChain({ ...GOOD, leaf: changed(random, GOOD.leaf) }),
    "an intermediate's certificate": (random) =>
        withChain({ ...GOOD, intermediate: changed(random, GOOD.intermediate) }),
};

describe(`SimulatedTdxVerifier and verifyDcap with one byte changed (seed ${SEED})`, function () {
    this.timeout(60_000);
    let world: Awaited<ReturnType<typeof createTdxWorld>>;

    before(async () => {
        world = await createTdxWorld({ at: AT });
    });

    for (const [name, makeCase] of Object.entries(TARGETS)) {
        it(`refuse ${CHANGES} changes of ${name} for the same reason`, async () => {
            const random = createRandom(`${SEED}/${name}`);
            for (let count = 0; count < CHANGES; count += 1) {
                const evidence = makeCase(random);

                const { code } = await world.verify(evidence);

                const twin = verifyDcap({ kind: "tdx", quote: evidence.quote, at: AT, profile: SIMULATED_TDX });
                expect(twin.code, `change ${count}`).to.equal(code);
                expect(code, `change ${count}`).not.to.equal("ACCEPTED");
            }
        });
    }

    it("never see other content when the certificates inside a quote change, which no signature covers", async () => {
        const random = createRandom(`${SEED}/pem`);
        const { attestation } = await world.verify(GOOD);
        for (let count = 0; count < 50; count += 1) {
            const tail = changed(random, GOOD.quote.subarray(PEM_OFFSET));
            const quote = Uint8Array.from([...GOOD.quote.subarray(0, PEM_OFFSET), ...tail]);

            const verdict = await world.verify({ ...GOOD, quote });

            const twin = verifyDcap({ kind: "tdx", quote, at: AT, profile: SIMULATED_TDX });
            expect(verdict.attestation).to.deep.equal(attestation);
            if (twin.accepted) expect(twin.attestation).to.deep.include(attestation);
        }
    });

    it("read the same certificates, once as PEM and once as DER", () => {
        const text = new TextDecoder().decode(GOOD.quote.subarray(PEM_OFFSET));

        expect(text).to.include(pemOf(GOOD.leaf) + pemOf(GOOD.intermediate));
    });
});
