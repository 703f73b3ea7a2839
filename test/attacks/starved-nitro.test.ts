import { expect } from "chai";
import { ZeroHash } from "ethers";
import { developmentKey } from "../../offchain/enclave/simulated/keys.ts";
import { AT, aNitroDocument, TEST_FORM } from "../support/attestation/nitro.ts";
import { createNitroWorld, type NitroWorld, TRANSACTION_GAS } from "../support/nitroWorld.ts";

const BELOW_ROOT = 4n;
/** Steps through one transaction: parsing, each curve check, hash and signature fall short somewhere. */
const STEPS = 24n;

describe("a Nitro verifier that is short of gas", function () {
    this.timeout(60_000); // some dozen signatures
    const good = aNitroDocument();
    const forged = aNitroDocument({
        chain: (all) => all.with(1, (all[1] ?? new Uint8Array()).with(-1, (all[1]?.at(-1) ?? 0) ^ 1)),
    });
    let world: NitroWorld;

    beforeEach(async () => {
        world = await createNitroWorld({ at: AT, profile: TEST_FORM.profile });
    });

    /** Sends with this gas; whether it succeeded. */
    async function cache(document: Uint8Array, gasLimit: bigint): Promise<boolean> {
        try {
            const sent = await world.verifier.cacheChain(document, 1, { gasLimit });
            return (await sent.wait())?.status === 1;
        } catch {
            return false;
        }
    }

    it("remembers no forged certificate, wherever its checks were cut off", async () => {
        for (let step = 1n; step <= STEPS; step += 1n) {
            const gasLimit = 200_000n + (3_000_000n * step) / STEPS;
            expect(await cache(forged, gasLimit), `${gasLimit} gas`).to.equal(false);
        }

        const logs = await world.verifier.queryFilter(world.verifier.filters.CertificateVerified());
        expect(logs).to.have.length(0);
        expect(await world.verifier.uncached(forged)).to.equal(BELOW_ROOT);
    });

    it("remembers a genuine one wholly or not at all", async () => {
        const { verifier } = world;
        let succeeded = 0;
        for (let step = 1n; succeeded === 0; step += 1n) {
            const gasLimit = 200_000n + (3_000_000n * step) / STEPS;
            if (await cache(good, gasLimit)) succeeded += 1;
            expect(await verifier.uncached(good), `${gasLimit} gas`).to.equal(BELOW_ROOT - BigInt(succeeded));
        }

        expect((await world.verify(good)).code).to.equal("ACCEPTED");
    });

    it("accepts a document of another key with no amount of gas", async () => {
        const { verifier } = world;
        await world.cache(good);
        const key = developmentKey({ curve: "P-384", name: "tests/key of another enclave" });
        const other = aNitroDocument({ key: () => key });
        for (let step = 1n; step <= STEPS; step += 1n) {
            const gasLimit = 200_000n + ((TRANSACTION_GAS - 200_000n) * step) / (STEPS * 4n);
            const answer = await verifier.verify.staticCall(other, "0x", { gasLimit }).catch(() => ZeroHash);
            expect(answer, `${gasLimit} gas`).to.equal(ZeroHash);
        }
        await expect(verifier.verify.staticCall(other, "0x", { gasLimit: TRANSACTION_GAS }))
            .to.be.revertedWithCustomError(verifier, "BadSignature")
            .withArgs();
    });
});
