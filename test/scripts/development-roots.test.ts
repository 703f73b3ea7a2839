import { expect } from "chai";
import { DEVELOPMENT_SEED } from "../../offchain/enclave/simulated/keys.ts";
import {
    SIMULATED_NITRO_ROOT_HASH,
    SIMULATED_TDX_ROOT_KEY,
} from "../../offchain/protocol/attestation/simulatedRoots.ts";
import { developmentRootTraces, traceIn } from "../../scripts/checks/developmentRoots.ts";

describe("Check of development roots", () => {
    it("finds none in production code", () => {
        expect(developmentRootTraces()).to.deep.equal([]);
    });

    const traces: Record<string, { file: string; text: string }> = {
        "a root's hash": { file: "contracts/A.sol", text: `bytes32 constant ROOT = ${SIMULATED_NITRO_ROOT_HASH};` },
        "a root's key in capitals": { file: "offchain/a.ts", text: SIMULATED_TDX_ROOT_KEY.toUpperCase() },
        "the seed": { file: "offchain/a.ts", text: `const seed = "${DEVELOPMENT_SEED}";` },
        "a constant's name": { file: "offchain/a.ts", text: "SIMULATED_NITRO_ROOT_HASH" },
        "the import of a stand-in": { file: "contracts/A.sol", text: 'import { SimulatedTdxVerifier } from "a";' },
    };
    for (const [name, file] of Object.entries(traces)) {
        it(`finds ${name}`, () => {
            expect(traceIn(file)).to.be.a("string");
        });
    }

    it("leaves the profiles of the stand-ins to whoever asks for them by name", () => {
        expect(traceIn({ file: "offchain/a.ts", text: "verifyNitro({ profile: SIMULATED_NITRO })" })).to.equal(
            undefined,
        );
    });
});
