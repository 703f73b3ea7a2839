import { FAMILIES, PRESETS, ProtocolError, uintToHex, verifyReceipt, ZERO_ADDRESS } from "@assay/protocol";
import { expect } from "chai";
import { account, word } from "../executor/_builders.ts";
import { faultOf } from "../executor/_faults.ts";
import { aPayment, PAYER } from "./_fakePayments.ts";
import {
    aCall,
    aDoor,
    aModel,
    answered,
    FREE,
    failed,
    idIn,
    type LifeWorld,
    lifeWorldPerTest,
    reaches,
    receiptIn,
    somePieces,
} from "./_life.ts";
import { aProvableModel, enclaveFacts, PROVABLE_TEXT } from "./_provable.ts";

describe("gateway: life of an inference", () => {
    let world: LifeWorld;
    lifeWorldPerTest((given) => {
        world = given;
    });

    describe("when nobody has to pay", () => {
        it("serves an answer whose receipt is accepted", async () => {
            const { life } = await world.start({ prices: FREE });

            const receipt = receiptIn(await life.serve(aCall()));

            const verdict = verifyReceipt({ receipt });
            expect([verdict.code, verdict.policyMet]).to.deep.equal(["ACCEPTED", true]);
            expect(receipt.request.payer).to.equal(ZERO_ADDRESS);
            expect(receipt.context?.payment).to.equal(null);
        });

        it("counts receipts from what the log expects, without gaps", async () => {
            world.node.next = 41;
            const { life } = await world.start({ prices: FREE });

            const replies = await Promise.all(Array.from({ length: 5 }, () => life.serve(aCall())));

            const sequences = replies.map((reply) => receiptIn(reply).context?.sequence);
            expect(sequences.toSorted()).to.deep.equal([41, 42, 43, 44, 45]);
            expect(world.settlement.woken).to.equal(5);
        });

        it("gives up what nobody waits for any more", async () => {
            const model = aModel();
            const gone = new AbortController();
            model.script = ({ signal }) =>
                new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
            const { life, seen } = await world.start({ models: [model], prices: FREE });

            const asked = life.serve(aCall({ signal: gone.signal })).catch(() => "gone");
            await seen(({ msg }) => msg === "inference begun");
            gone.abort();
            await seen(({ stage }) => stage === "failed");

            await life.stop();

            expect(await asked).to.equal("gone");
            expect(life.underWay()).to.equal(0);
        });

        it("signs a failure, and charges nobody for it", async () => {
            const model = aModel();
            model.script = async () => failed(2);
            const { life } = await world.start({ models: [model] });

            const fault = await faultOf(life.serve(aCall({ payment: aPayment() })));

            expect(fault.code).to.equal("GATEWAY_MODEL_FAILED");
            expect(fault.message).to.include("INPUT_RANGE").and.include("rcpt_");
            const id = /rcpt_([0-9a-f]{32})/.exec(fault.message)?.[1] ?? "";
            const standing = await life.standing(id);
            const verdict = verifyReceipt({ receipt: standing?.receipt });
            expect([verdict.code, verdict.resultCode]).to.deep.equal(["ACCEPTED", 2]);
            expect([world.money.transfers, world.money.released]).to.deep.equal([0, 1]);
        });
    });

    describe("when it has to be paid", () => {
        it("quotes every policy that the model can meet", async () => {
            const { life } = await world.start({ models: [aProvableModel()] });

            const reply = await life.serve(aCall({ body: { model: "provable", text: PROVABLE_TEXT } }));

            expect(reply).to.deep.include({ status: "unpaid", error: undefined });
            expect(reply.status === "unpaid" && reply.challenge.x402).to.deep.include({
                offers: [
                    [uintToHex(PRESETS.SIGNED), "1000", "authorization"],
                    [uintToHex(PRESETS.TEE), "2000", "upfront"],
                    [uintToHex(PRESETS.SIGNED_AND_TEE), "3000", "upfront"],
                    [uintToHex(PRESETS.ZK), "10000", "upfront"],
                    [uintToHex(PRESETS.SIGNED_AND_ZK), "11000", "upfront"],
                    [uintToHex(PRESETS.TEE_AND_ZK), "12000", "upfront"],
                ],
            });
        });

        it("quotes a route to whoever says nothing or names no model, but takes no payment for that, nor for a wrong name", async () => {
            const { life } = await world.start();

            const empty = await life.serve(aCall({ body: undefined }));
            const unnamed = await Promise.all(
                [{}, { model: "" }, { model: 1 }].map((body) => life.serve(aCall({ body }))),
            );
            const faults = [
                await faultOf(life.serve(aCall({ body: undefined, payment: aPayment() }))),
                await faultOf(life.serve(aCall({ body: {}, payment: aPayment() }))),
                await faultOf(life.serve(aCall({ body: { model: "gpt" } }))),
                await faultOf(life.serve(aCall({ body: { model: "gpt" }, payment: aPayment() }))),
                await faultOf(life.serve(aCall({ body: { model: "echo", text: "a", temperature: 1 } }))),
                await faultOf(life.serve(aCall({ body: { model: "echo", text: "a", verification: { level: 1 } } }))),
            ];

            expect([empty, ...unnamed].map(({ status }) => status)).to.deep.equal(Array(4).fill("unpaid"));
            expect(faults.map(({ code }) => code)).to.deep.equal([
                "GATEWAY_BODY_INVALID",
                "GATEWAY_MODEL_UNKNOWN",
                "GATEWAY_MODEL_UNKNOWN",
                "GATEWAY_MODEL_UNKNOWN",
                "GATEWAY_PARAMETER_UNSUPPORTED",
                "GATEWAY_BODY_INVALID",
            ]);
            expect(world.money.settleCalls).to.equal(0);
        });

        it("refuses a policy that cannot be met, and names those that can", async () => {
            const { life } = await world.start();

            const fault = await faultOf(
                life.serve(aCall({ body: { model: "echo", text: "a", verification: { levels: ["zk"] } } })),
            );

            expect(fault.code).to.equal("GATEWAY_POLICY_UNAVAILABLE");
            expect(fault.message).to.include("possible here: SIGNED.");
        });

        it("names those that can be met to whoever names none that exists", async () => {
            const { life } = await world.start();

            const fault = await faultOf(
                life.serve(aCall({ body: { model: "echo", text: "a", verification: { policy: "SURE" } } })),
            );

            expect(fault.code).to.equal("POLICY_UNKNOWN");
            expect(fault.message).to.include("possible here: SIGNED.").and.not.include("QUORUM");
        });

        it("refuses a cheap payment with an expensive body", async () => {
            const { life } = await world.start({ models: [aProvableModel()] });
            const body = { model: "provable", text: PROVABLE_TEXT, verification: { policy: "ZK" } };

            const reply = await life.serve(aCall({ body, payment: aPayment({ policy: uintToHex(PRESETS.SIGNED) }) }));

            expect(reply).to.deep.include({ status: "unpaid", error: "No matching payment requirements" });
        });

        it("runs, settles, and only then signs", async () => {
            const model = aModel();
            const order: string[] = [];
            model.script = async ({ input }) => {
                order.push("run");
                return answered(model, input);
            };
            world.money.beforeSettle = async () => {
                order.push("settle");
                return undefined;
            };
            const { life } = await world.start({ models: [model] });

            const reply = await life.serve(aCall({ payment: aPayment() }));

            const receipt = receiptIn(reply);
            expect(verifyReceipt({ receipt }).code).to.equal("ACCEPTED");
            expect(receipt.context?.payment).to.deep.include({ nonce: word(1), flow: "authorization", amount: "1000" });
            expect(reply).to.deep.include({
                paymentResponse: `${word(1)}:settled`,
                answer: { outputs: { bytes: [...Buffer.from("hello")] } },
            });
            expect(order).to.deep.equal(["run", "settle"]);
        });

        it("gives nothing to whoever cannot pay after all", async () => {
            const model = aModel();
            const { life } = await world.start({ models: [model] });
            world.money.beforeSettle = async () => ({
                status: "failed",
                reason: "invalid_exact_evm_insufficient_balance",
            });

            const refused = await life.serve(aCall({ payment: aPayment() }));
            world.money.beforeSettle = async () => undefined;
            const again = await life.serve(aCall({ payment: aPayment() }));

            expect(refused).to.deep.include({ status: "unpaid", error: "invalid_exact_evm_insufficient_balance" });
            expect(again.status).to.equal("served");
            expect([model.runs, world.money.transfers]).to.deep.equal([2, 1]);
        });

        it("gives money back for what could not be had", async () => {
            const model = aModel({ route: "chat" });
            model.script = async ({ onPiece }) => {
                for (const piece of somePieces("on", "ce")) onPiece?.(piece);
                return failed(5);
            };
            const { life } = await world.start({ models: [model] });
            const heard: string[] = [];
            const sink = {
                start: ({ paymentResponse }: { paymentResponse: string | undefined }) =>
                    heard.push(`start ${paymentResponse}`),
                piece: () => heard.push("piece"),
            };

            const body = { model: "echo", text: "a", stream: true };
            const reply = await life.serve(aCall({ route: "chat", body, payment: aPayment(), sink }));

            expect(reply.status).to.equal("refunding");
            const { refund, receipt } = await reaches(life, idIn(reply), "refunded");
            expect(refund?.amount).to.equal("1160");
            expect([...world.money.refunds.values()].map(({ to, amount }) => [to, amount])).to.deep.equal([
                [PAYER, 1160n],
            ]);
            expect(heard).to.deep.equal([`start ${word(1)}:settled`, "piece", "piece"]);
            const verdict = verifyReceipt({ receipt });
            expect([verdict.code, verdict.resultCode]).to.deep.equal(["ACCEPTED", 5]);
        });
    });

    describe("evidence", () => {
        const body = (...levels: string[]) => ({ model: "provable", text: PROVABLE_TEXT, verification: { levels } });

        it("of an enclave comes with the answer", async () => {
            world.node.enclaves.push(enclaveFacts());
            const { life } = await world.start({ models: [aProvableModel()] });

            const receipt = receiptIn(await life.serve(aCall({ body: body("tee"), payment: aPayment() })));

            expect(receipt.evidence.map(({ family }) => family)).to.deep.equal(["SIGNED", "TEE_NITRO"]);
            expect(verifyReceipt({ receipt })).to.deep.include({ code: "ACCEPTED", policyMet: true });
        });

        it("by proof comes after the answer", async () => {
            world.node.enclaves.push(enclaveFacts());
            const door = Promise.withResolvers<void>();
            const model = aProvableModel();
            const { proof } = model;
            model.proof = async (question) => {
                if (question.family === FAMILIES.ZK_GROTH16) await door.promise;
                return proof(question);
            };
            const { life } = await world.start({ models: [model] });

            const reply = await life.serve(aCall({ body: body("signed", "tee", "zk"), payment: aPayment() }));
            const id = idIn(reply);
            const served = await life.standing(id);
            door.resolve();
            const proven = await reaches(life, id, "proven");

            expect(served?.status).to.equal("served");
            expect(verifyReceipt({ receipt: served?.receipt }).code).to.equal("RECEIPT_POLICY_NOT_MET");
            expect(verifyReceipt({ receipt: proven.receipt })).to.deep.include({ code: "ACCEPTED", policyMet: true });
        });

        it("that would not be believed is tried again, and in the end the money goes back", async () => {
            const model = aProvableModel([FAMILIES.ZK_GROTH16]);
            const { proof } = model;
            model.proof = async (question) => (await proof(question)).fill(1, 0, 1);
            const { life } = await world.start({ models: [model] });

            const reply = await life.serve(aCall({ body: body("zk"), payment: aPayment() }));
            const { receipt, reason } = await reaches(life, idIn(reply), "refunded");

            expect(reply.status).to.equal("served");
            expect(reason).to.include("The receipt would be refused: RECEIPT_PROOF_INVALID");
            expect(receipt?.origin === "gateway" && receipt.refund?.amount).to.equal("10000");
            expect(world.money.refunds.size).to.equal(1);
        });

        it("that an enclave does not give is not replaced by less", async () => {
            const model = aProvableModel([FAMILIES.TEE_NITRO]);
            model.proof = async () => {
                throw new ProtocolError({ code: "GATEWAY_EVIDENCE_LOST", message: "the enclave is away" });
            };
            const { life } = await world.start({ models: [model] });

            const reply = await life.serve(aCall({ body: body("tee"), payment: aPayment() }));
            const standing = await reaches(life, idIn(reply), "refunded");

            expect(reply.status).to.equal("refunding");
            expect(standing.reason).to.include("the enclave is away");
            expect(world.money.refunds.size).to.equal(1);
        });
    });

    describe("contents", () => {
        it("can be deleted: hashes, evidence and verdict stay, for everybody", async () => {
            const { life } = await world.start();
            const reply = await life.serve(aCall({ payment: aPayment() }));
            const { statement } = receiptIn(reply);
            const id = idIn(reply);
            const before = await life.publicStanding(statement.requestId);

            const isKnown = await life.erase(id);
            const standing = await life.standing(id);
            const after = await life.publicStanding(statement.requestId);
            const fault = await faultOf(life.serve(aCall({ payment: aPayment() })));

            expect([isKnown, await life.erase("0".repeat(32))]).to.deep.equal([true, false]);
            expect(standing?.isErased).to.equal(true);
            expect(JSON.stringify(standing)).not.to.include("hello");
            expect(JSON.stringify(before)).not.to.include("hello");
            expect(after).to.deep.equal({ ...before, isErased: true });
            expect(verifyReceipt({ receipt: standing?.receipt }).receiptHash).to.equal(before?.receiptHash);
            expect(fault.code).to.equal("GATEWAY_CONTENTS_DELETED");
            const [kept] = await world.database.query("SELECT * FROM inferences WHERE id = $1", [id]);
            expect([kept?.input, kept?.output, kept?.requested, kept?.context]).to.deep.equal([null, null, null, null]);
        });

        it("are deleted when they were kept long enough", async () => {
            const { life } = await world.start();
            const reply = await life.serve(aCall({ payment: aPayment() }));
            await life.stop();

            const { seen } = await world.start({ limits: { retentionSeconds: -1 } });
            await seen(({ msg }) => msg === "contents deleted");

            const [row] = await world.database.query("SELECT is_erased FROM inferences WHERE id = $1", [idIn(reply)]);
            expect(row?.is_erased).to.equal(true);
        });

        it("of what is under way stay", async () => {
            const model = aModel();
            const door = aDoor(model);
            const { life, seen } = await world.start({ models: [model] });
            const asked = life.serve(aCall({ payment: aPayment() }));
            await seen(({ stage }) => stage === "running");
            const [row] = await world.database.query("SELECT id FROM inferences");

            const fault = await faultOf(life.erase(String(row?.id)));
            door.open();

            expect(fault.code).to.equal("GATEWAY_UNFINISHED");
            expect((await asked).status).to.equal("served");
        });
    });

    describe("whose statement the journal keeps without coming to say so", () => {
        const meanwhile = {
            statement: /INSERT INTO leaves/,
            act: () => {
                throw new Error("the connection broke before the database could confirm");
            },
        };

        it("is answered to whoever asks again, signed and charged once", async () => {
            const { life } = await world.start({}, { meanwhile });

            const fault = await life.serve(aCall({ payment: aPayment() })).catch((error: Error) => error);
            const again = receiptIn(await life.serve(aCall({ payment: aPayment() })));
            const next = receiptIn(await life.serve(aCall({ payment: aPayment({ nonce: word(2) }) })));

            expect(fault).to.be.instanceOf(Error).with.property("message").that.includes("confirm");
            expect([again, next].map(({ context }) => context?.sequence)).to.deep.equal([0, 1]);
            expect([world.money.transfers, world.money.refunds.size]).to.deep.equal([2, 0]);
        });

        it("takes no sequence from others when nobody paid for it", async () => {
            const { life } = await world.start({ prices: FREE }, { meanwhile });

            await life.serve(aCall()).catch((error: Error) => error);
            const next = receiptIn(await life.serve(aCall()));

            const kept = await world.database.query("SELECT stage FROM inferences");
            expect(kept.map(({ stage }) => stage)).to.deep.equal(["proven", "proven"]);
            expect(next.context?.sequence).to.equal(1);
        });
    });

    it("does not sign with a key that nobody would believe", async () => {
        world.node.keyState = "retired";
        const { life } = await world.start({ prices: FREE });

        const fault = await faultOf(life.serve(aCall()));

        expect(fault.code).to.equal("GATEWAY_KEY_NOT_VALID");
        expect(await world.database.query("SELECT * FROM leaves")).to.deep.equal([]);
    });

    it("pins configurations that are in force, and no others", async () => {
        const { life } = await world.start({ prices: FREE });
        const config = { owner: account(1), name: "house", version: 3 };

        const fault = await faultOf(
            life.serve(aCall({ body: { model: "echo", text: "a", verification: { config } } })),
        );

        expect(fault.code).to.equal("GATEWAY_CONFIG_OTHER");
        expect(fault.message).to.include("In force for this model: none.");
    });
});
