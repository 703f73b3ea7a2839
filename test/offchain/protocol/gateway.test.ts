import {
    eraseReceipt,
    gatewayRequestOf,
    gatewayStatementOf,
    hashJson,
    hexToBytes,
    keccak256,
    outputPartsOf,
    PRESETS,
    paymentNonceOf,
    policyOfVerification,
    type Receipt,
    receiptHash,
    statementToJson,
    tag,
    uintToHex,
    type Verdict,
    verifyReceipt,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import { expect } from "chai";
import { AbiCoder, keccak256 as ethersKeccak } from "ethers";
import { expectError } from "./_expect.ts";
import {
    chatReceipt,
    gatewayReceipt,
    jsonBytes,
    PAID,
    refundedReceipt,
    settledReceipt,
    unpaidReceipt,
} from "./_gatewayReceipts.ts";
import { honestChain } from "./_gatewayStories.ts";
import { packedModel } from "./_model.ts";

const subjects = ({ claimed }: Pick<Verdict, "claimed">) => claimed.map(({ subject }) => subject);
const grounds = ({ proven }: Verdict, subject: string) =>
    proven.filter((one) => one.subject === subject).map(({ by }) => by);
const warned = ({ warnings }: Verdict) => warnings.map(({ code }) => code);

function judge(receipt: Receipt): Verdict {
    return verifyReceipt({ receipt });
}

describe("the receipt of a gateway", () => {
    it("proves its context by the executor's signature", () => {
        const verdict = judge(chatReceipt());

        expect(grounds(verdict, "context")).to.deep.equal(["hash", "signature"]);
        expect(grounds(verdict, "request.policy")).to.deep.equal(["hash"]);
        expect(subjects(verdict)).to.include.members(["context.payment", "context.upstream", "context.config"]);
    });

    it("says that an enclave or a proof alone does not answer for a context", () => {
        for (const [family, policy] of [["TEE", PRESETS.TEE] as const, ["ZK", PRESETS.ZK] as const]) {
            const verdict = judge(gatewayReceipt({ policy, families: [family] }));

            expect(verdict).to.deep.include({ accepted: true, policyMet: true });
            expect(grounds(verdict, "context")).to.deep.equal(["hash"]);
            expect(subjects(verdict)).to.include("context");
        }
    });

    it("proves payment, configuration and batch by the chain", () => {
        const receipt = settledReceipt(chatReceipt());
        const verdict = verifyReceipt({ receipt, chainState: honestChain(receipt) });

        expect(verdict.code).to.equal("ACCEPTED");
        for (const subject of ["context.payment", "context.config"]) {
            expect(grounds(verdict, subject), subject).to.deep.equal(["chain"]);
        }
        expect(grounds(verdict, "settlement")).to.deep.equal(["hash", "chain"]);
        expect(subjects(verdict)).to.deep.equal(["statement.issuedAt", "context.upstream", "context.usage"]);
    });

    it("warns of a failure that was paid for and not paid back", () => {
        const { refund, ...unrefunded } = refundedReceipt();

        expect(warned(judge(unrefunded))).to.deep.equal(["RECEIPT_IS_FAILURE", "RECEIPT_NOT_REFUNDED"]);
        expect(warned(judge({ ...unrefunded, refund }))).to.deep.equal(["RECEIPT_IS_FAILURE", "RECEIPT_REFUNDED"]);
        expect(judge(refundedReceipt()).policyMet).to.equal(false);
    });

    it("keeps output parts to itself when the output is not in the receipt", () => {
        const { output, ...closed } = gatewayReceipt();
        const verdict = judge(closed);

        expect(verdict.accepted).to.equal(true);
        expect(subjects(verdict)).to.include("statement.outputHash");
    });

    it("gets no better by a refund: what was paid for is missing all the same", () => {
        const weak = gatewayReceipt({ policy: PRESETS.SIGNED_AND_ZK });
        const refund = { transaction: ZERO_BYTES32, amount: "1000", reason: "No proof could be made." };

        expect(judge({ ...weak, refund }).code).to.equal("RECEIPT_POLICY_NOT_MET");
    });
});

describe("eraseReceipt", () => {
    it("leaves hashes and evidence, which can still be checked", () => {
        const erased = eraseReceipt(settledReceipt(chatReceipt()));
        const verdict = judge(erased);

        expect(erased).to.not.have.any.keys("input", "output", "context");
        expect(verdict).to.deep.include({ accepted: true, policyMet: true });
        expect(warned(verdict)).to.deep.equal(["RECEIPT_ERASED"]);
        expect(subjects(verdict)).to.include.members(["statement.contextHash", "request.policy", "erased.receiptHash"]);
    });

    it("keeps the receipt's hash, and so its place in a batch", () => {
        const receipt = settledReceipt(chatReceipt());

        expect(receiptHash(eraseReceipt(receipt))).to.equal(receiptHash(receipt));
        expect(eraseReceipt(eraseReceipt(receipt))).to.deep.equal(eraseReceipt(receipt));
    });

    it("makes the policy a claim: another one that the evidence meets passes", () => {
        const { request, ...erased } = eraseReceipt(gatewayReceipt({ families: ["SIGNED", "TEE"] }));
        const other = { ...request, policy: uintToHex(PRESETS.TEE) };

        expect(judge({ ...erased, request: other }).accepted).to.equal(true);
        expect(judge({ ...gatewayReceipt({ families: ["SIGNED", "TEE"] }), request: other }).code).to.equal(
            "RECEIPT_POLICY_NOT_ASKED",
        );
    });
});

describe("outputPartsOf", () => {
    it("digests every member of every choice, and what stands beside them", () => {
        const choice = { index: 0, message: { role: "assistant", content: "Gold." }, finish_reason: "stop" };
        const output = jsonBytes({ model: "small-1", choices: [choice] });

        expect(outputPartsOf({ route: "chat", output })).to.deep.equal([
            { path: "choices.0.finish_reason", keccak256: hashJson("stop") },
            { path: "choices.0.index", keccak256: hashJson(0) },
            { path: "choices.0.message", keccak256: hashJson(choice.message) },
            { path: "model", keccak256: hashJson("small-1") },
        ]);
    });

    it("takes tensors whole, and nothing of a failure", () => {
        const output = Uint8Array.of(1, 2, 3);

        expect(outputPartsOf({ route: "infer", output })).to.deep.equal([
            { path: "output", keccak256: keccak256(output) },
        ]);
        for (const route of ["infer", "chat"] as const) {
            expect(outputPartsOf({ route, output: new Uint8Array() })).to.deep.equal([]);
        }
    });

    it("refuses what is no canonical answer of a chat", () => {
        const texts = ["{}", '{"choices": []}', '{"choices":1}', '{"choices":[1]}', "\ufeff{}", "[".repeat(100_000)];
        for (const text of texts) {
            const output = new TextEncoder().encode(text);
            expectError(() => outputPartsOf({ route: "chat", output }), "JSON_INVALID");
        }
        expectError(() => outputPartsOf({ route: "chat", output: Uint8Array.of(0xff, 0xfe) }), "JSON_INVALID");
    });
});

describe("paymentNonceOf", () => {
    it("is the hash of tag, requestHash and salt as the ABI has them", () => {
        const requestHash = hashJson({ model: "digits" });
        const salt = keccak256(Uint8Array.of(1));
        const words = AbiCoder.defaultAbiCoder().encode(Array(3).fill("bytes32"), [tag("payment"), requestHash, salt]);

        expect(paymentNonceOf({ requestHash, salt })).to.equal(ethersKeccak(words));
    });

    it("differs for every request and every salt", () => {
        const [a, b] = [keccak256(Uint8Array.of(1)), keccak256(Uint8Array.of(2))];
        const nonces = [paymentNonceOf({ requestHash: a, salt: b }), paymentNonceOf({ requestHash: b, salt: a })];

        expect(new Set([...nonces, paymentNonceOf({ requestHash: a, salt: a })]).size).to.equal(3);
    });
});

describe("gatewayStatementOf", () => {
    it("is the statement of the receipt", () => {
        const { chainId, gate, request, context, statement, input = "0x", output = "0x" } = gatewayReceipt();
        if (context === undefined) throw new Error("The fixture has a context.");
        const { executor, modelId, configHash } = statement;
        const parts = { chainId, gate, executor, modelId, configHash, request, context };
        const bytes = { input: hexToBytes(input), output: hexToBytes(output) };

        const made = gatewayStatementOf({ ...parts, ...bytes, issuedAt: BigInt(statement.issuedAt), resultCode: 0n });

        expect(statementToJson(made)).to.deep.equal(statement);
    });

    it("has no output hash for a failure", () => {
        const { chainId, gate, request, context, statement } = unpaidReceipt();
        if (context === undefined) throw new Error("The fixture has a context.");
        const { executor, modelId, configHash } = statement;
        const parts = { chainId, gate, executor, modelId, configHash, request, context };
        const bytes = { input: packedModel().input, output: new Uint8Array() };

        const made = gatewayStatementOf({ ...parts, ...bytes, issuedAt: 1n, resultCode: 2n });

        expect(made).to.deep.include({ outputHash: ZERO_BYTES32, resultCode: 2n, round: 0n });
    });

    it("has the zero address for whoever does not pay", () => {
        const request = gatewayRequestOf({ requested: {}, policy: PRESETS.SIGNED, paymentNonce: PAID.nonce });

        expect(request).to.deep.equal({
            payer: ZERO_ADDRESS,
            paymentNonce: PAID.nonce,
            requestHash: hashJson({}),
            policy: uintToHex(PRESETS.SIGNED),
        });
    });
});

describe("policyOfVerification", () => {
    it("reads levels, all of which have to hold", () => {
        expect(policyOfVerification({ levels: ["signed"] })).to.equal(PRESETS.SIGNED);
        expect(policyOfVerification({ levels: ["zk", "signed"] })).to.equal(PRESETS.SIGNED_AND_ZK);
        expect(policyOfVerification({ levels: ["tee", "zk"] })).to.equal(PRESETS.TEE_AND_ZK);
        expect(policyOfVerification({ policy: "tee" })).to.equal(PRESETS.TEE);
        expect(policyOfVerification({})).to.equal(undefined);
    });

    it("refuses names and words that are no policy", () => {
        expectError(() => policyOfVerification({ policy: "SURE" }), "POLICY_UNKNOWN");
        expectError(() => policyOfVerification({ policy: ZERO_BYTES32 }), "POLICY_NOT_CANONICAL");
    });
});
