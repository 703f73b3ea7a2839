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

    const fileOf = (name: string) => path.join(folder, name);
    const run = (file: string) => spawnSync("python3", [SCRIPT, file], { encoding: "utf8" });

    async function examine(receipt: unknown) {
        const file = fileOf("receipt.json");
        await writeFile(file, JSON.stringify(receipt));
        const { status, stdout, stderr } = run(file);
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

    it("is found in what a gateway answers", async () => {
        const receipt = gatewayReceipt();
        const { status, said } = await examine({ id: `rcpt_${"0".repeat(32)}`, status: "served", receipt });

        expect(said).to.deep.include({ faults: [], receiptHash: receiptHash(receipt) });
        expect(status).to.equal(0);
    });

    const unreadable: Record<string, { text: string | undefined; says: RegExp }> = {
        "a file that is not there": { text: undefined, says: /cannot be read: No such file/ },
        "a file that was cut short": {
            text: JSON.stringify(gatewayReceipt()).slice(0, 500),
            says: /is not JSON, or not all of it/,
        },
        "an answer without a receipt": {
            text: JSON.stringify({ id: "rcpt_0", status: "failed", receipt: null }),
            says: /says "failed" and holds no receipt/,
        },
        "something else": { text: "{}", says: /is no gateway's receipt of version 1/ },
        "a receipt without its statement": {
            text: JSON.stringify({ ...gatewayReceipt(), statement: undefined }),
            says: /member 'statement' is missing/,
        },
        "a receipt whose statement is a text": {
            text: JSON.stringify({ ...gatewayReceipt(), statement: "none" }),
            says: /is no whole receipt/,
        },
    };
    for (const [at, [what, { text, says }]] of Object.entries(unreadable).entries()) {
        it(`ends with 2 and one line for ${what}`, async () => {
            const file = fileOf(`unreadable-${at}.json`);
            if (text !== undefined) await writeFile(file, text);

            const { status, stdout, stderr } = run(file);

            expect({ status, stdout }).to.deep.equal({ status: 2, stdout: "" });
            expect(stderr)
                .to.match(says)
                .and.to.match(/^[^\n]+\n$/);
        });
    }

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
