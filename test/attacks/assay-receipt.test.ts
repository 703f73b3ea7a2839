/** Receipts that are true, and less than what the SDK's callers were promised. */
import { type ChainState, type GatewayReceipt, PRESETS, verifyReceipt } from "@assay/protocol";
import { expect } from "chai";
import { judgeReceipt, type Wanted } from "../../offchain/sdk/assay/claims.ts";
import { outputsOf } from "../../offchain/sdk/assay/tensors.ts";
import type { Deployment } from "../../offchain/sdk/deployment.ts";
import { faultOf } from "../offchain/executor/_faults.ts";
import { chatReceipt, gatewayReceipt, PAID, refundedReceipt } from "../offchain/protocol/_gatewayReceipts.ts";
import { CHAIN_ID, CONSUMER, chainStateFor, EXECUTOR, GATE } from "../offchain/protocol/_receipts.ts";

const deployment = { chainId: CHAIN_ID, contracts: { EvidenceGate: GATE } } as Deployment;

/** Judges a receipt as a caller without a node does who asked for exactly it. */
function judge(receipt: GatewayReceipt, wanted: Partial<Wanted> & { policy: bigint }) {
    const { payer, nonce, asset, payTo, amount } = PAID;
    const payment = { header: "", payer, nonce, asset, payTo, amount: BigInt(amount), validBefore: 0 };
    const { requestHash } = receipt.request;
    return judgeReceipt(
        { provider: undefined, deployment, executors: [EXECUTOR], allowDev: false },
        {
            receipt,
            wanted: { route: "infer", requestHash, modelId: undefined, config: undefined, payment, ...wanted },
            isEarly: false,
        },
    );
}

describe("attack: receipts that are less than was promised", () => {
    it("refuses a proof in the name of an executor who signed nothing", async () => {
        // Anybody can prove a public model, and write down whoever the caller believes.
        const receipt = gatewayReceipt({ families: ["ZK"], policy: PRESETS.ZK });
        expect(verifyReceipt({ receipt }).code).to.equal("ACCEPTED");

        const fault = await faultOf(judge(receipt, { policy: PRESETS.ZK }));

        expect(fault.code).to.equal("SDK_EVIDENCE_WEAKER");
        expect(fault.message).to.contain("No executor signed it.");
        const signed = gatewayReceipt({ families: ["SIGNED", "ZK"], policy: PRESETS.ZK });
        expect((await judge(signed, { policy: PRESETS.ZK })).isProven).to.equal(true);
    });

    it("refuses a payment that is said to have been made on another chain, where nobody looks", async () => {
        const receipt = gatewayReceipt({ context: { payment: { ...PAID, network: "eip155:1" } } });

        const fault = await faultOf(judge(receipt, { policy: PRESETS.SIGNED }));

        expect(fault.code).to.equal("SDK_RECEIPT_NOT_MINE");
        expect(fault.message).to.contain("another network");
    });

    it("takes no empty answer for a receipt that keeps its output to itself", async () => {
        const { output: _, ...silent } = gatewayReceipt();
        const model = { inputs: [], outputs: [{ name: "y", dtype: "int8", shape: ["rows", 4] }] };
        expect(verifyReceipt({ receipt: silent }).accepted).to.equal(true);

        const fault = await faultOf(
            Promise.try(() => outputsOf({ receipt: silent, answer: { y: { dtype: "int8", shape: [0, 4] } }, model })),
        );

        expect(fault.code).to.equal("SDK_ANSWER_MISMATCH");
        expect(fault.message).to.contain("The receipt has no output.");
    });

    it("says how much of what was paid came back", () => {
        const receipt = refundedReceipt({ refund: { transaction: PAID.transaction, amount: "1", reason: "Sorry." } });

        const { warnings } = verifyReceipt({ receipt });

        const [refund] = warnings.filter(({ code }) => code === "RECEIPT_REFUNDED");
        expect(refund?.text).to.equal("1 of 1000 units were paid back: Sorry.");
    });

    it("refuses another upstream model than the one that was asked for by name", async () => {
        const receipt = chatReceipt();
        const requested = { ...receipt.context?.requested, model: "large-1" };
        const config = { owner: CONSUMER, name: "terse" };

        const asked = await judge(receipt, { policy: PRESETS.SIGNED, route: "chat", config });
        const fault = await faultOf(
            judge(chatReceipt({ context: { requested } }), { policy: PRESETS.SIGNED, route: "chat", config }),
        );

        expect(asked.isProven).to.equal(true);
        expect(fault.code).to.equal("SDK_RECEIPT_NOT_MINE");
        expect(fault.message).to.contain("Model small-1 was asked.");
    });

    describe("a configuration that was replaced", () => {
        const ISSUED_AT = 1_800_000_000;
        const at = (receipt: GatewayReceipt, supersededAt: number | undefined): ChainState => ({
            ...chainStateFor(receipt),
            config: {
                configHash: receipt.statement.configHash,
                inForceFrom: receipt.context?.config?.inForceFrom ?? 0,
                ...(supersededAt === undefined ? {} : { supersededAt }),
            },
        });
        const pinning = (version: number) => {
            const receipt = chatReceipt();
            const requested = {
                ...receipt.context?.requested,
                verification: { policy: "SIGNED", config: { owner: CONSUMER, name: "terse", version } },
            };
            return chatReceipt({ context: { requested } });
        };

        it("is not the one in force, which the body asks for", () => {
            const receipt = chatReceipt();

            const verdict = verifyReceipt({ receipt, chainState: at(receipt, ISSUED_AT - 901) });

            expect(verdict.code).to.equal("RECEIPT_CONFIG_NOT_ASKED");
            expect(verdict.reason).to.contain(`until ${ISSUED_AT - 901}`);
        });

        it("is what a body asked for that pins it by its number, and was in force until it was replaced", () => {
            const pinned = pinning(2);
            const receipt = chatReceipt();

            expect(verifyReceipt({ receipt: pinned, chainState: at(pinned, 1) }).code).to.equal("ACCEPTED");
            for (const until of [undefined, ISSUED_AT - 900, ISSUED_AT + 1]) {
                expect(verifyReceipt({ receipt, chainState: at(receipt, until) }).code).to.equal("ACCEPTED");
            }
        });
    });
});
