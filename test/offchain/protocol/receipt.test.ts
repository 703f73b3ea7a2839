import { readFileSync } from "node:fs";
import {
    type ChainState,
    encodePolicy,
    openReceipt,
    PRESETS,
    parseReceipt,
    type Receipt,
    receiptHash,
    verifyReceipt,
} from "@assay/protocol";
import { expect } from "chai";
import table from "../../../offchain/protocol/errors/table.json" with { type: "json" };
import { gatewayReceiptVectors } from "../../../scripts/vectors/gatewayReceipts.ts";
import { receiptVectors } from "../../../scripts/vectors/receipt.ts";
import { expectError } from "./_expect.ts";
import { gatewayReceipt, settledReceipt } from "./_gatewayReceipts.ts";
import { committedModel, packedModel } from "./_model.ts";
import { chainStateFor, failureReceipt, hubReceipt, pullReceipt } from "./_receipts.ts";

import { ISSUED_AT, registryWith, signed } from "./_refused.ts";
import { content, request } from "./_refusedContent.ts";
import { attested, enclave } from "./_refusedEnclave.ts";
import { evidence } from "./_refusedEvidence.ts";
import { gateway } from "./_refusedGateway.ts";
import { opening } from "./_refusedOpening.ts";
import { chain, outcome } from "./_refusedOutcome.ts";

const GOLDEN = { "receipt.json": receiptVectors, "gateway-receipts.json": gatewayReceiptVectors };
const CASES = { request, content, opening, evidence, enclave, gateway, outcome, chain };
const WARNINGS = [
    "RECEIPT_IS_FAILURE",
    "RECEIPT_KEY_RETIRED",
    "RECEIPT_DEV_SETUP",
    "RECEIPT_ENCLAVE_RETIRED",
    "RECEIPT_SIMULATED",
    "RECEIPT_REFUNDED",
    "RECEIPT_NOT_REFUNDED",
    "RECEIPT_ERASED",
];
describe("verifyReceipt", () => {
    for (const [file, vectors] of Object.entries(GOLDEN)) {
        it(`judges the golden receipts of ${file} as it says`, () => {
            const golden: unknown = JSON.parse(readFileSync(`test/vectors/${file}`, "utf8"));

            expect(JSON.parse(JSON.stringify(vectors()))).to.deep.equal(golden);
        });
    }

    for (const [about, cases] of Object.entries(CASES)) {
        describe(`refuses for its ${about}`, () => {
            for (const { code, when, receipt, chainState } of cases) {
                it(`${code} when ${when}`, () => {
                    const given = receipt();
                    const verdict = verifyReceipt({
                        receipt: given,
                        ...(chainState === undefined ? {} : { chainState: chainState(parseReceipt(given)) }),
                    });

                    expect(verdict).to.deep.include({ accepted: false, code });
                    expect(verdict.reason).to.not.equal("");
                });
            }
        });
    }

    it("says loudly that an enclave is simulated, and what it attested", () => {
        const { accepted, present, proven, warnings } = verifyReceipt({ receipt: attested() });

        expect({ accepted, present }).to.deep.equal({ accepted: true, present: 0b1000_0000_0000_0010 });
        expect(warnings.map(({ code }) => code)).to.include("RECEIPT_SIMULATED");
        expect(proven.map(({ subject }) => subject)).to.include("attestation.0");
        expect(proven.find(({ subject }) => subject === "statement")?.text).to.contain("COMPUTE");
    });

    it("warns of an enclave that was retired since", () => {
        const receipt = attested();
        const [facts] = receipt.registry.enclaves ?? [];
        const latest = { enclaves: { [facts?.enclaveId ?? ""]: "retired" as const } };

        const verdict = verifyReceipt({ receipt, chainState: { ...chainStateFor(receipt), latest } });

        expect(verdict.accepted).to.equal(true);
        expect(verdict.warnings.map(({ code }) => code)).to.include("RECEIPT_ENCLAVE_RETIRED");
    });

    it("has a case for every code of its table", () => {
        const reached = new Set<string>(Object.values(CASES).flatMap((cases) => cases.map(({ code }) => code)));
        const codes = Object.entries(table.codes)
            .filter(([code, entry]) => code.startsWith("RECEIPT_") && entry.package === "protocol")
            .map(([code]) => code);

        expect(codes.filter((code) => !reached.has(code) && !WARNINGS.includes(code))).to.deep.equal([]);
    });

    for (const sides of [{ input: true }, { output: true }, { input: true, output: true }]) {
        it(`accepts a proof over committed sides, opened or not: ${Object.keys(sides).join(" and ")}`, () => {
            const model = committedModel(sides);
            const closed = hubReceipt({ model });
            const open = { ...closed, ...model.opening };
            const [dark, bright] = [verifyReceipt({ receipt: closed }), verifyReceipt({ receipt: open })];
            const hashes = Object.keys(sides).map((side) => `statement.${side}Hash`);
            const claims = ({ claimed }: typeof dark) => claimed.map(({ subject }) => subject);
            const hashed = ({ proven }: typeof dark) =>
                proven.filter(({ by }) => by === "hash").map(({ subject }) => subject);

            for (const verdict of [dark, bright]) {
                expect(verdict).to.deep.include({ accepted: true, policyMet: true, present: 0b10001 });
            }
            expect(claims(dark)).to.include.members(hashes);
            expect(claims(bright)).to.not.include.members(hashes);
            expect(hashed(bright)).to.include.members(["input", "output"]);
            expect(hashed(dark)).to.not.include.members(Object.keys(sides));
        });
    }

    it("says of a committed output that stays closed only that its commitment is proven", () => {
        const verdict = verifyReceipt({ receipt: hubReceipt({ model: committedModel({ output: true }) }) });

        expect(verdict.proven.filter(({ by }) => by === "proof").map(({ subject }) => subject)).to.deep.equal([
            "statement.outputHash",
        ]);
    });

    it("is loud about a development setup: bit 14 and a warning", () => {
        const verdict = verifyReceipt({ receipt: hubReceipt({ model: packedModel({ setupKind: "dev" }) }) });

        expect(verdict).to.deep.include({ accepted: true, policyMet: true, present: 0b10001 | (1 << 14) });
        expect(verdict.warnings.map(({ code }) => code)).to.deep.equal(["RECEIPT_DEV_SETUP"]);
    });

    it("leaves bit 14 unset when a development model is only signed for", () => {
        const verdict = verifyReceipt({ receipt: hubReceipt({ model: packedModel({ setupKind: "dev" }), ...signed }) });

        expect(verdict).to.deep.include({ accepted: true, present: 1, warnings: [] });
    });

    it("only warns when the key was retired later", () => {
        const receipt = hubReceipt();
        const chainState: ChainState = { ...chainStateFor(receipt), latest: { keyState: "retired" } };
        const verdict = verifyReceipt({ receipt, chainState });

        expect(verdict.accepted).to.equal(true);
        expect(verdict.warnings.map(({ code }) => code)).to.deep.equal(["RECEIPT_KEY_RETIRED"]);
    });

    it("accepts the record of a failure, which meets no policy", () => {
        const verdict = verifyReceipt({ receipt: failureReceipt() });

        expect(verdict).to.deep.include({ accepted: true, resultCode: 2, policyMet: false, present: 1 });
        expect(verdict.warnings.map(({ code }) => code)).to.deep.equal(["RECEIPT_IS_FAILURE"]);
    });

    it("says of a proof alone that nobody signed it", () => {
        const verdict = verifyReceipt({ receipt: hubReceipt({ families: ["ZK"], policy: PRESETS.ZK }) });

        expect(verdict).to.deep.include({ accepted: true, present: 16 });
        expect(verdict.claimed.map(({ subject }) => subject)).to.include("statement.executor");
    });

    it("keeps registry facts as claims without a chain, and proves them with one", () => {
        const receipt = hubReceipt();
        const alone = verifyReceipt({ receipt });
        const withChain = verifyReceipt({ receipt, chainState: chainStateFor(receipt) });

        expect(alone.proven.filter(({ by }) => by === "chain")).to.deep.equal([]);
        expect(alone.claimed.map(({ subject }) => subject)).to.include.members([
            "registry.blockHash",
            "registry.executor.signingKey",
            "registry.executor.stakeWei",
            "registry.model.broken",
        ]);
        expect(withChain.proven.filter(({ by }) => by === "chain").map(({ subject }) => subject)).to.include.members([
            "registry.model",
            "registry.executor",
            "registry.blockHash",
        ]);
        // How a key was made stays its owner's word on any chain.
        expect(withChain.claimed.map(({ subject }) => subject)).to.deep.equal([
            "statement.issuedAt",
            "registry.model.setupKind",
            "registry.model.transcriptHash",
        ]);
    });

    it("accepts the edges of time: 60 s ahead, exactly the maximum age, both ends of the key's window", () => {
        const aged = encodePolicy({ clauses: [1], maxAgeMinutes: 1 });
        const edges = [
            hubReceipt({ registry: { blockTimestamp: ISSUED_AT - 60 } }),
            hubReceipt({ policy: aged, registry: { blockTimestamp: ISSUED_AT + 60 } }),
            hubReceipt({
                registry: registryWith({ executor: { notBefore: ISSUED_AT + 12, notAfter: ISSUED_AT + 12 } }),
            }),
        ];

        for (const receipt of edges)
            expect(verifyReceipt({ receipt })).to.deep.include({ code: "ACCEPTED", reason: "" });
    });

    it("takes a stake instead of names", () => {
        const receipt = hubReceipt({ executors: [], minStakeWei: 10n ** 18n });

        expect(verifyReceipt({ receipt })).to.deep.include({ accepted: true, present: 17 });
    });

    it("reads hostile JSON without falling over", () => {
        const deep: unknown = JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`);
        const proto: unknown = JSON.parse('{"__proto__":{"version":1}}');
        const inContext = { ...gatewayReceipt(), context: deep };
        const smuggled: unknown = JSON.parse(
            JSON.stringify(gatewayReceipt()).replace('"context":{', '"context":{"__proto__":1,'),
        );
        const surrogate = { ...gatewayReceipt(), context: { text: "\ud800" } };
        for (const receipt of [deep, proto, inContext, surrogate, 1n, () => 0, [hubReceipt()], "text", undefined]) {
            expect(verifyReceipt({ receipt }).code).to.be.oneOf(["RECEIPT_MALFORMED", "RECEIPT_VERSION_UNKNOWN"]);
        }
        expect(verifyReceipt({ receipt: smuggled }).accepted).to.equal(false);
    });
});

describe("receiptHash", () => {
    it("leaves out what may come later, and nothing else", () => {
        const receipt = settledReceipt();
        const { settlement, ...unsettled } = receipt;
        const later: Receipt = { ...unsettled, evidence: [], registry: { ...receipt.registry, blockNumber: 9 } };

        expect(receiptHash(later)).to.equal(receiptHash(receipt));
        expect(receiptHash({ ...receipt, chainId: 1 })).to.not.equal(receiptHash(receipt));
        expect(receiptHash({ ...receipt, input: "0x" })).to.not.equal(receiptHash(receipt));
        const refund = { transaction: receipt.request.paymentNonce, amount: "1", reason: "No proof." };
        expect(receiptHash({ ...receipt, refund })).to.equal(receiptHash(receipt));
        expect(settlement?.kind).to.equal("batch");
    });
});

describe("openReceipt", () => {
    it("adds what opens committed sides, and never overrides what a receipt says", () => {
        const model = committedModel({ input: true });
        const receipt = hubReceipt({ model });
        const opened = openReceipt({ receipt, opening: model.opening });

        expect(opened).to.deep.equal({ ...receipt, ...model.opening });
        expect(openReceipt({ receipt: opened, opening: model.opening })).to.deep.equal(opened);
        expectError(
            () => openReceipt({ receipt: opened, opening: { ...model.opening, input: "0x00" } }),
            "RECEIPT_OPENING_INVALID",
        );
    });
});

describe("parseReceipt", () => {
    it("reads a receipt, and throws for anything else", () => {
        const receipt = pullReceipt();

        expect(parseReceipt(JSON.parse(JSON.stringify(receipt)))).to.deep.equal(receipt);
        expectError(() => parseReceipt({ ...receipt, version: 0 }), "RECEIPT_VERSION_UNKNOWN");
        expectError(() => parseReceipt({ ...receipt, gate: 5 }), "RECEIPT_MALFORMED");
    });
});
