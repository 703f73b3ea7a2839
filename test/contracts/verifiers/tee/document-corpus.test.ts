import { readFileSync } from "node:fs";
import { expect } from "chai";
import { type BytesLike, isHexString } from "ethers";
import { network } from "hardhat";

/** A certificate or payload, and what every reader of it says. */
interface CorpusRow {
    name: string;
    certificate?: string;
    payload?: string;
    code: string;
}

function corpus(file: string): CorpusRow[] {
    return JSON.parse(readFileSync(new URL(`../../../vectors/${file}`, import.meta.url), "utf8"));
}

describe("readers of documents on chain", () => {
    async function createReader() {
        const { ethers } = await network.create();
        const harness = await ethers.deployContract("DocumentHarness", [await ethers.deployContract("P384Verifier")]);

        /** What reading answers; anything but a refusal of its own is thrown on. */
        return async function read({ certificate, payload = "0x" }: CorpusRow): Promise<string> {
            try {
                if (certificate === undefined) await harness.readPayload(payload);
                else await harness.readCertificate(certificate);
                return "ACCEPTED";
            } catch (error) {
                const data: BytesLike | undefined = Object(error).data;
                const refusal = isHexString(data) ? harness.interface.parseError(data) : null;
                if (refusal === null) throw error;
                return refusal.name;
            }
        };
    }

    for (const file of ["certificates.json", "nitro-payloads.json"]) {
        it(`answer what ${file} says`, async () => {
            const read = await createReader();

            const answers: CorpusRow[] = [];
            for (const row of corpus(file)) answers.push({ ...row, code: await read(row) });

            expect(answers).to.deep.equal(corpus(file));
        });
    }
});
