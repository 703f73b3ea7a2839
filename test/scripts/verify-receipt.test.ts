import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { eraseReceipt, type Receipt, receiptHash } from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import { chatReceipt, gatewayReceipt, settledReceipt } from "../offchain/protocol/_gatewayReceipts.ts";

const SCRIPT = "scripts/verify-receipt.py";
const found = z.looseObject({ faults: z.array(z.string()), signer: z.string().optional() });
const golden = z.array(z.looseObject({ receipt: z.json(), verdict: z.looseObject({ accepted: z.boolean() }) }));

/** Numbers and names that languages write and sort in different ways. */
const AWKWARD = {
    numbers: [
        0, -0, 1e21, 1e20, 123456789012345680000, 1e-6, 1e-7, 0.1, -1.5, 333333333.3333333, 5e-324,
        1.7976931348623157e308,
    ],
    "\ufb33": "sorted by UTF-16: after the next one",
    "\u{1f600}": "an emoji",
    text: 'quote " backslash \\ slash / controls \b\t\n\f\r\u0001 line \u2028 euro €',
    10: "ten",
    9: "nine",
    "": { nested: [[], {}, null, true, false] },
};

const hasPython = spawnSync("python3", ["--version"]).status === 0;

describe("a receipt in another language", () => {
    if (!hasPython) {
        it("is checked by scripts/verify-receipt.py (python3 is not installed here)");
        return;
    }
    let folder: string;
    before(async () => {
        folder = await mkdtemp(path.join(tmpdir(), "assay-python-"));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    async function examine(receipt: unknown) {
        const file = path.join(folder, "receipt.json");
        await writeFile(file, JSON.stringify(receipt));
        const { status, stdout, stderr } = spawnSync("python3", [SCRIPT, file], { encoding: "utf8" });
        expect(stderr).to.equal("");
        const said: unknown = JSON.parse(stdout);
        return { status, said };
    }

    it("has the hashes of the golden vectors, and the signer that its registry facts name", async () => {
        const vectors = golden.parse(JSON.parse(await readFile("test/vectors/gateway-receipts.json", "utf8")));
        const { status, said } = await examine(vectors.map(({ receipt }) => receipt));

        expect(status).to.equal(0);
        const results = z.array(found).parse(said);
        for (const [
            at,
            { faults, signer: _signer, inputHash: _in, outputHash: _out, ...hashes },
        ] of results.entries()) {
            expect(faults).to.deep.equal([]);
            expect(vectors[at]).to.deep.include(hashes);
        }
    });

    it("has one canonical form, however awkward what it says", async () => {
        const receipt = gatewayReceipt({ context: { requested: { model: "digits", ...AWKWARD }, effective: AWKWARD } });
        const { status, said } = await examine(receipt);

        expect(said).to.deep.include({ faults: [], receiptHash: receiptHash(receipt) });
        expect(status).to.equal(0);
    });

    const changed: Record<string, () => { receipt: Receipt; faults: string[] }> = {
        "the body": () => {
            const { context, ...receipt } = gatewayReceipt();
            if (context === undefined) throw new Error("The fixture has a context.");
            return {
                receipt: { ...receipt, context: { ...context, requested: {} } },
                faults: ["contextHash", "requestHash"],
            };
        },
        "the output": () => ({
            receipt: { ...gatewayReceipt(), output: "0x00" },
            faults: ["outputHash", "outputParts"],
        }),
        "the sequence of the settlement": () => {
            const { settlement, ...receipt } = settledReceipt(chatReceipt());
            if (settlement?.kind !== "batch") throw new Error("The fixture is settled in a batch.");
            return {
                receipt: { ...receipt, settlement: { ...settlement, sequence: 5 } },
                faults: ["root", "sequence"],
            };
        },
        "the statement": () => {
            const receipt = gatewayReceipt();
            return {
                receipt: { ...receipt, statement: { ...receipt.statement, issuedAt: receipt.statement.issuedAt + 1 } },
                faults: ["signer"],
            };
        },
        "the hash that was kept": () => ({
            receipt: {
                ...eraseReceipt(settledReceipt()),
                erased: { receiptHash: gatewayReceipt().request.requestHash },
            },
            faults: ["root"],
        }),
    };
    for (const [what, change] of Object.entries(changed)) {
        it(`does not fit when somebody changed ${what}`, async () => {
            const { receipt, faults } = change();
            const { status, said } = await examine(receipt);

            expect(status).to.equal(1);
            expect(said).to.deep.include({ faults });
        });
    }
});
