import { type Hex, SIMULATED_NITRO, verifyNitro } from "@assay/protocol";
import { expect } from "chai";
import { makeSimulatedNitroDocument } from "../../../offchain/enclave/simulated/nitro.ts";
import { aHome, assay } from "./_assay.ts";

const AT = 1_750_000_000;
const CODE: Hex = `0x${"c0".repeat(32)}`;

describe("assay tee measurement", () => {
    let home: string;
    let remove: () => Promise<void>;
    before(async () => {
        ({ home, remove } = await aHome());
    });
    after(() => remove());

    const measure = (...argv: string[]) =>
        assay(["tee", "measurement", "--kind", "nitro", ...argv, "--json"], { cwd: home, env: { ASSAY_HOME: home } });
    const pcr = (n: number, value: string) => ["--pcr", `${n}=${value}`];

    it("is what a document of that code says", async () => {
        const { document } = makeSimulatedNitroDocument({ codeHash: CODE, at: AT });
        const verdict = verifyNitro({ document, at: AT, profile: SIMULATED_NITRO });
        if (!verdict.accepted) throw new Error(verdict.reason);
        const { measurementId, registers } = verdict.attestation;
        const given = [0, 1, 2, 8].flatMap((n) => {
            const value = registers[`pcr${n}`];
            return value === undefined ? [] : pcr(n, value);
        });

        const { json, stderr } = await measure(...given);

        expect(json.measurementId, stderr).to.equal(measurementId);
    });

    const zeros = "00".repeat(48);
    const wrong: Record<string, string[]> = {
        "one of the three is missing": [...pcr(0, zeros), ...pcr(2, zeros)],
        "one is given twice": [0, 1, 2, 2].flatMap((n) => pcr(n, zeros)),
        "one names no code": [0, 1, 2, 3].flatMap((n) => pcr(n, zeros)),
        "one is too short": [0, 1, 2].flatMap((n) => pcr(n, "00".repeat(47))),
    };
    for (const [title, argv] of Object.entries(wrong)) {
        it(`is wrong usage when ${title}`, async () => {
            expect((await measure(...argv)).exitCode).to.equal(2);
        });
    }
});
