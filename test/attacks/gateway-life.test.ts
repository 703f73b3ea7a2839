import { setImmediate } from "node:timers/promises";
import { FAMILIES, PRESETS, ProtocolError, uintToHex } from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import type { Life, Standing } from "../../offchain/gateway/core/life.ts";
import { statusOf } from "../../offchain/gateway/core/statusOf.ts";
import { createWatchers } from "../../offchain/gateway/shell/life/watchers.ts";
import { word } from "../offchain/executor/_builders.ts";
import { faultOf } from "../offchain/executor/_faults.ts";
import { aPayment, PAYER } from "../offchain/gateway/_fakePayments.ts";
import {
    aCall,
    aClosedDoor,
    aDoor,
    aModel,
    type Door,
    failed,
    idIn,
    type LifeWorld,
    lifeWorldPerTest,
} from "../offchain/gateway/_life.ts";

const MODEL_FAILED = 5;

const keptRows = z.array(z.object({ requested: z.string().nullable(), input: z.unknown(), output: z.unknown() }));

describe("attacks: the life of inferences", () => {
    let world: LifeWorld;
    lifeWorldPerTest((given) => {
        world = given;
    });

    const kept = async () =>
        keptRows.parse(await world.database.query("SELECT requested, input, output FROM inferences"));

    it("S11: whoever cannot pay fills no disk: nothing is kept of what it asked", async () => {
        const { life } = await world.start();
        world.money.verify = async () => ({ status: "invalid", reason: "invalid_exact_evm_insufficient_balance" });

        const reply = await life.serve(aCall({ payment: aPayment() }));

        expect(reply.status).to.equal("unpaid");
        expect(await kept()).to.deep.equal([{ requested: null, input: null, output: null }]);
    });

    it("S11: nor does one that goes away before it pays", async () => {
        const model = aModel();
        const door = aDoor(model);
        const gone = new AbortController();
        const { life, seen } = await world.start({ models: [model] });

        const asked = faultOf(life.serve(aCall({ payment: aPayment(), signal: gone.signal })));
        await seen(({ stage }) => stage === "running");
        gone.abort();
        door.open();
        await seen(({ stage }) => stage === "failed");

        expect((await asked).code).to.equal("GATEWAY_ABANDONED");
        expect(await kept()).to.deep.equal([{ requested: null, input: null, output: null }]);
    });

    describe("S21: whoever goes away", () => {
        const hangsUp = async (life: Life, door: Door) => {
            const gone = new AbortController();
            const asked = faultOf(life.serve(aCall({ payment: aPayment(), signal: gone.signal })));
            await door.reached;
            gone.abort();
            door.open();
            return (await asked).code;
        };
        const served = async (life: Life) => (await life.serve(aCall({ payment: aPayment() }))).status;

        it("while a model runs that does not stop for it takes the work with it, and pays nothing", async () => {
            const model = aModel();
            const door = aDoor(model);
            const { life, seen } = await world.start({ models: [model] });

            const told = await hangsUp(life, door);
            await seen(({ stage }) => stage === "failed");
            await setImmediate();

            expect(told).to.equal("GATEWAY_ABANDONED");
            expect([life.underWay(), world.money.transfers, world.money.released]).to.deep.equal([0, 0, 1]);
            expect(await served(life)).to.equal("served");
        });

        it("while its answer is journalled pays for it, and finds it", async () => {
            const gone = new AbortController();
            const { life, seen } = await world.start(
                {},
                { meanwhile: { statement: /SET .* result_code/s, act: () => gone.abort() } },
            );

            const asked = faultOf(life.serve(aCall({ payment: aPayment(), signal: gone.signal })));
            await seen(({ stage }) => stage === "proven");

            expect((await asked).code).to.equal("GATEWAY_ABANDONED");
            expect(await served(life)).to.equal("served");
            expect(world.money.transfers).to.equal(1);
        });

        it("while its payment is found sent by somebody else finds the answer", async () => {
            const model = aModel();
            const door = aClosedDoor();
            world.money.used.set(`${PAYER}${word(1)}`, word(0x7a));
            world.money.beforeReconcile = async () => {
                await door.pass();
                return undefined;
            };
            const { life, seen } = await world.start({ models: [model] });

            const told = await hangsUp(life, door);
            await seen(({ stage }) => stage === "proven");

            expect(told).to.equal("GATEWAY_ABANDONED");
            expect(await served(life)).to.equal("served");
            expect([model.runs, world.money.transfers]).to.deep.equal([1, 0]);
        });
    });

    it("S11: nor does one whose process dies before it pays", async () => {
        const crashed = await world.start({}, { crashAt: "run.before" });
        crashed.life.serve(aCall({ payment: aPayment() })).catch(() => {});
        await crashed.died;
        await world.start();

        expect(await kept()).to.deep.equal([{ requested: null, input: null, output: null }]);
    });

    it("S5: an answer that failed and is not paid does not count against the payer's balance", async () => {
        const model = aModel();
        model.script = async () => failed(MODEL_FAILED);
        const { life } = await world.start({ models: [model] });

        await faultOf(life.serve(aCall({ payment: aPayment() })));

        expect([world.money.settleCalls, world.money.released]).to.deep.equal([0, 1]);
    });

    it("S11: however many wait for news of one inference, the journal is asked once", async () => {
        const watchers = createWatchers();
        const ended = new AbortController();
        let reads = 0;
        const read = async (): Promise<Standing> => {
            reads += 1;
            return {
                ...{ id: "a", status: "served", reason: String(reads), receipt: undefined, refund: undefined },
                isErased: false,
            };
        };
        const seen: (string | undefined)[] = [];
        const watching = Array.from({ length: 50 }, () =>
            watchers.watch("a", { read, onChange: ({ reason }) => seen.push(reason), signal: ended.signal }),
        );
        await setImmediate();
        watchers.changed("a");
        await setImmediate();
        ended.abort();
        await Promise.all(watching);

        expect(reads).to.equal(2);
        expect(seen.filter((reason) => reason === "2")).to.have.length(50);
    });

    it("S16: a caller who goes away, and a node that is away, are no defects of the gateway", async () => {
        const { life } = await world.start();
        const gone = AbortSignal.abort();

        const left = await faultOf(life.serve(aCall({ payment: aPayment(), signal: gone })));
        world.money.verify = async () => {
            throw new ProtocolError({ code: "EXECUTOR_RPC_UNREACHABLE" });
        };
        const away = await faultOf(life.serve(aCall({ payment: aPayment() })));

        expect([left, away].map((fault) => [fault.code, statusOf(fault)])).to.deep.equal([
            ["GATEWAY_ABANDONED", 503],
            ["EXECUTOR_RPC_UNREACHABLE", 503],
        ]);
    });

    it("S25: what goes wrong inside is told to nobody outside: no address, no file", async () => {
        const secret = "http://10.0.0.5:8545/v2/key";
        const model = aModel({ families: [FAMILIES.SIGNED, FAMILIES.TEE_NITRO] });
        model.proof = async () => {
            throw new ProtocolError({ code: "EXECUTOR_ENCLAVE_UNREACHABLE", message: `${secret} did not answer.` });
        };
        const { life } = await world.start({ models: [model], limits: { evidenceTries: 1 } });
        const verification = { policy: uintToHex(PRESETS.TEE) };
        const body = { model: "echo", text: "hello", verification };

        const reply = await life.serve(aCall({ payment: aPayment(), body }));
        const standing = await life.standing(idIn(reply));
        const [row] = z
            .array(z.object({ request_id: z.string() }))
            .parse(await world.database.query("SELECT request_id FROM inferences"));
        const shown = [reply, standing, await life.publicStanding(row?.request_id ?? "")];

        expect(reply.status).to.equal("refunding");
        expect(shown).to.not.include(undefined);
        expect(JSON.stringify(shown, (_, value) => (typeof value === "bigint" ? `${value}` : value))).to.not.contain(
            "10.0.0.5",
        );
    });
});
