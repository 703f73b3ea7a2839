import { type Hex, ProtocolError } from "@assay/protocol";
import { expect } from "chai";
import type { RequestEvent } from "../../../offchain/executor/core/events.ts";
import type { Step } from "../../../offchain/executor/core/state.ts";
import { createBell } from "../../../offchain/executor/shell/bell.ts";
import { createCache } from "../../../offchain/executor/shell/models/cache.ts";
import { createPace } from "../../../offchain/executor/shell/pace.ts";
import { faultEvent } from "../../../offchain/executor/shell/work/faults.ts";
import { createLane } from "../../../offchain/executor/shell/work/lane.ts";
import {
    createPerformer,
    type PerformStep,
    type StepDefinition,
} from "../../../offchain/executor/shell/work/performer.ts";
import { REQUEST_ID, word } from "./_builders.ts";
import { createDoor } from "./_rpc.ts";

const never = new AbortController().signal;

describe("executor: lanes", () => {
    it("run as much at a time as they are wide", async () => {
        const lane = createLane({ width: 2 });
        const door = createDoor();
        let running = 0;
        let most = 0;
        const work = async () => {
            most = Math.max(most, ++running);
            await door.passed;
            running -= 1;
        };

        const all = [1, 2, 3, 4].map((urgency) => lane.run({ urgency, signal: never, work }));
        const waiting = lane.size();
        door.open();
        await Promise.all(all);

        expect({ most, waiting, left: lane.size() }).to.deep.equal({ most: 2, waiting: 4, left: 0 });
    });

    it("take the most urgent of what waits", async () => {
        const lane = createLane({ width: 1 });
        const order: number[] = [];
        const run = (urgency: number) =>
            lane.run({ urgency, signal: never, work: async () => void order.push(urgency) });

        await Promise.all([run(9), run(5), run(Number.POSITIVE_INFINITY), run(1)]);

        expect(order).to.deep.equal([9, 1, 5, Number.POSITIVE_INFINITY]);
    });

    it("let go of what is aborted before it begins, and give the place on when work fails", async () => {
        const lane = createLane({ width: 1 });
        const door = createDoor();
        const controller = new AbortController();
        const first = lane.run({
            urgency: 1,
            signal: never,
            work: () => door.passed.then(() => Promise.reject(new Error("bad"))),
        });
        const aborted = lane.run({ urgency: 2, signal: controller.signal, work: async () => "ran" });
        const last = lane.run({ urgency: 3, signal: never, work: async () => "ran" });

        controller.abort(new Error("not wanted"));
        door.open();
        const ends = await Promise.allSettled([first, aborted, last]);

        expect(ends.map((end) => (end.status === "fulfilled" ? end.value : String(end.reason)))).to.deep.equal([
            "Error: bad",
            "Error: not wanted",
            "ran",
        ]);
    });
});

describe("executor: performer", () => {
    /** A performer whose steps are all the same, and what it reports. */
    function aPerformer(perform: PerformStep, { isCurrent = true }: { isCurrent?: boolean } = {}) {
        const reported: RequestEvent[] = [];
        const points: string[] = [];
        const defects: unknown[] = [];
        const lane = createLane({ width: 4 });
        const step: StepDefinition = { lane, perform };
        const names = ["admit", "run", "date", "sign", "attest", "prove", "check", "deliver", "keep"] as const;
        const [admit, run, date, sign, attest, prove, check, deliver, keep] = names.map(() => step);
        if (!admit || !run || !date || !sign || !attest || !prove || !check || !deliver || !keep)
            throw new Error("unreachable");
        const performer = createPerformer({
            steps: { admit, run, date, sign, attest, prove, check, deliver, keep },
            urgencyOf: async () => 0,
            decisions: () => ({
                run: (work) =>
                    work({
                        session: { query: async () => [] },
                        report: async ({ event }) => reported.push(event) > 0 && isCurrent,
                    }),
            }),
            crash: (point) => points.push(point),
            onDefect: (error) => defects.push(error),
        });
        const start = (step: Step, requestId: Hex = REQUEST_ID) =>
            performer.perform({ kind: "perform", step, requestId });
        return { performer, start, reported, points, defects };
    }

    it("journals what a step found, between its crash points", async () => {
        const { performer, start, reported, points } = aPerformer(async () => ({ event: { kind: "signed" } }));

        start("sign");
        await settled();
        await performer.stop();

        expect(reported).to.deep.equal([{ kind: "signed" }]);
        expect(points).to.deep.equal(["sign.before", "sign.acted", "sign.journalled"]);
    });

    it("performs a step once however often it is told to while it runs", async () => {
        const door = createDoor();
        let runs = 0;
        const { performer, start, reported } = aPerformer(async () => {
            runs += 1;
            await door.passed;
            return { event: { kind: "proved" } };
        });

        start("prove");
        start("prove");
        start("prove", word(2));
        door.open();
        await settled();
        await performer.stop();

        expect(runs).to.equal(2);
        expect(reported).to.have.length(2);
    });

    it("says nothing of a step that was aborted", async () => {
        const door = createDoor();
        const { performer, start, reported } = aPerformer(async () => {
            await door.passed;
            return { event: { kind: "proved" } };
        });

        start("prove");
        await settled();
        performer.perform({ kind: "abort", requestId: REQUEST_ID });
        door.open();
        await settled();
        await performer.stop();

        expect(reported).to.deep.equal([]);
    });

    it("keeps nothing of a step that was overtaken", async () => {
        const written: string[] = [];
        const write = async () => void written.push("output");
        const late = aPerformer(async () => ({ event: { kind: "signed" }, write }), { isCurrent: false });
        const current = aPerformer(async () => ({ event: { kind: "signed" }, write }));

        late.start("sign");
        await settled();
        const afterLate = [...written];
        current.start("sign");
        await settled();
        await Promise.all([late.performer.stop(), current.performer.stop()]);

        expect({ afterLate, written }).to.deep.equal({ afterLate: [], written: ["output"] });
    });

    it("reports what a step throws as a fault with its code", async () => {
        const { performer, start, reported } = aPerformer(async () => {
            throw new ProtocolError({ code: "EXECUTOR_EVIDENCE_INVALID", message: "It is wrong." });
        });

        start("check");
        await settled();
        await performer.stop();

        expect(reported[0]).to.include({
            kind: "fault",
            step: "check",
            code: "EXECUTOR_EVIDENCE_INVALID",
            patience: "none",
        });
    });

    it("takes a journal that fails for a defect", async () => {
        const { performer, start, defects } = aPerformer(async () => ({
            event: { kind: "signed" },
            write: async () => {
                throw new Error("disk full");
            },
        }));

        start("sign");
        await settled();
        await performer.stop();

        expect(defects.map(String)).to.deep.equal(["Error: disk full"]);
    });
});

describe("executor: patience with faults", () => {
    const rows = [
        { code: "EXECUTOR_RPC_UNREACHABLE", patience: "endless" },
        { code: "EXECUTOR_BALANCE_LOW", patience: "endless" },
        { code: "EXECUTOR_PROVER_FAILED", patience: "limited" },
        { code: "EXECUTOR_ENCLAVE_MISSING", patience: "deadline" },
        { code: "EXECUTOR_ENCLAVE_UNREACHABLE", patience: "deadline" },
        { code: "EXECUTOR_ENCLAVE_REFUSED", patience: "limited" },
        { code: "EXECUTOR_STATEMENT_OUTDATED", patience: "limited" },
        { code: "EXECUTOR_ARTIFACT_CORRUPT", patience: "none" },
    ] as const;
    for (const { code, patience } of rows) {
        it(`${code}: ${patience}`, () => {
            expect(faultEvent({ step: "check", error: new ProtocolError({ code }) })).to.include({ code, patience });
        });
    }

    it("anything without a code: a few times", () => {
        const event = faultEvent({ step: "run", error: new Error("out of memory") });

        expect(event).to.include({ code: "EXECUTOR_STEP_FAILED", detail: "out of memory", patience: "limited" });
    });
});

describe("executor: cache of loaded models", () => {
    function aCache({ capacity }: { capacity: number }) {
        const opened: string[] = [];
        const closed: string[] = [];
        const cache = createCache<string>({
            capacity,
            open: async (name) => {
                opened.push(name);
                if (name === "bad") throw new Error("corrupt");
                return name;
            },
            close: async (name) => void closed.push(name),
        });
        const touch = (name: string) => cache.use(name, async (thing) => thing);
        return { cache, touch, opened, closed };
    }

    it("closes the longest unused when there are too many", async () => {
        const { touch, opened, closed } = aCache({ capacity: 2 });

        for (const name of ["a", "b", "a", "c"]) await touch(name);

        expect({ opened, closed }).to.deep.equal({ opened: ["a", "b", "c"], closed: ["b"] });
    });

    it("never closes what is in use", async () => {
        const { cache, touch, closed } = aCache({ capacity: 1 });
        const door = createDoor();

        const using = cache.use("a", () => door.passed);
        await touch("b");
        const meanwhile = [...closed];
        door.open();
        await using;

        expect(meanwhile).to.deep.equal(["b"]);
    });

    it("tries again what could not be opened", async () => {
        const { touch, opened } = aCache({ capacity: 2 });

        const ends = await Promise.allSettled([touch("bad").catch(() => touch("bad"))]);

        expect(ends[0]?.status).to.equal("rejected");
        expect(opened).to.deep.equal(["bad", "bad"]);
    });
});

describe("executor: small things", () => {
    it("a bell ends a wait, or the next one if nobody waits", async () => {
        const bell = createBell();
        const forEver = { ms: 2 ** 30, signal: never };

        const waiting = bell.wait(forEver);
        bell.ring();
        await waiting;
        bell.ring();
        await bell.wait(forEver);
    });

    it("a pace follows what it measures", () => {
        const pace = createPace({ guessSeconds: 10 });

        for (let i = 0; i < 20; i++) pace.took(2_000);

        expect(Math.round(pace.seconds())).to.equal(2);
    });
});

/** Lets everything happen that can happen without waiting for anything. */
async function settled(): Promise<void> {
    for (let i = 0; i < 50; i++) await Promise.resolve();
}
