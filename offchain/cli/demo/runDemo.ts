import { type Hex, isProtocolError } from "@assay/protocol";
import { connect, waitForAnswer } from "@assay/sdk";
import { type Asked, ask } from "./ask.ts";
import { DEMO_CASES, type DemoCase } from "./cases.ts";
import { type DigitSample, readDigitSamples } from "./digits.ts";
import { examine } from "./examine.ts";
import { startDemoExecutor } from "./executor.ts";
import { payPerCall } from "./payPerCall.ts";
import type { DemoRow } from "./row.ts";
import { createDemoWorld, type DemoWorld } from "./world.ts";

/** A proof takes about a second; this is what a busy machine may need for all of them. */
const ANSWER_TIMEOUT_MS = 60_000;
/** The table gives seconds with one digit. */
const WATCH_INTERVAL_MS = 50;

type Question = { question: DemoCase; sample: DigitSample; asked: Asked };

/** Runs the whole story once: chain, contracts, model, executor, questions, answers, receipts. */
export async function runDemo({
    progress,
    signal,
}: {
    progress: (line: string) => void;
    signal: AbortSignal;
}): Promise<DemoRow[]> {
    const samples = await readDigitSamples();
    const world = await createDemoWorld({ progress, signal });
    try {
        const executor = await startDemoExecutor(world, { progress });
        try {
            const questions = await askAll({ world, samples, progress });
            const bounded = () => AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
            const until = bounded();
            const rows = await Promise.all(questions.map((question) => follow({ world, signal: until }, question)));
            progress("every receipt was rebuilt from the chain alone and verified again");
            const sample = samples[DEMO_CASES.length % samples.length];
            const paid = sample === undefined ? [] : [await payPerCall(world, { sample, progress, signal: bounded() })];
            return [...rows, ...paid];
        } finally {
            await executor.stop();
        }
    } finally {
        await world.close();
    }
}

/** One after the other: the asker's nonce orders them. */
async function askAll({
    world,
    samples,
    progress,
}: {
    world: DemoWorld;
    samples: readonly DigitSample[];
    progress: (line: string) => void;
}): Promise<Question[]> {
    const questions: Question[] = [];
    for (const [at, question] of DEMO_CASES.entries()) {
        const sample = samples[at % samples.length];
        if (sample === undefined) continue;
        const asked = await ask(world, { ...question, sample });
        const told = asked.status === "open" ? asked.requestId : `refused: ${asked.refusal.contractError}`;
        progress(`asked under ${question.policyName}: ${told}`);
        questions.push({ question, sample, asked });
    }
    return questions;
}

async function follow(
    { world, signal }: { world: DemoWorld; signal: AbortSignal },
    { question, sample, asked }: Question,
): Promise<DemoRow> {
    const common = { policy: question.policyName, trueDigit: sample.label };
    if (asked.status === "refused") {
        const { contractError: error, arguments: args } = asked.refusal;
        const asExpected = question.expected === "refused" && error === "PolicyCannotBeMet";
        return { ...common, status: "refused", error, arguments: args, asExpected };
    }
    const { requestId, askedAtMs } = asked;
    const status = await endOf({ world, signal, requestId });
    const seconds = Math.round(performance.now() - askedAtMs) / 1000;
    if (status !== "Final") return { ...common, status: "failed", requestId, ended: status, asExpected: false };
    const connection = await connect({ rpcUrl: world.rpcUrl, signal });
    try {
        return await examine({ world, connection }, { question, sample, requestId, seconds });
    } finally {
        connection.provider.destroy();
    }
}

/** How a question ended; "Unanswered" when it did not in time. */
async function endOf({
    world,
    signal,
    requestId,
}: {
    world: DemoWorld;
    signal: AbortSignal;
    requestId: Hex;
}): Promise<string> {
    try {
        return (await waitForAnswer({ ...world, signal }, { requestId, intervalMs: WATCH_INTERVAL_MS })).status;
    } catch (fault) {
        if (isProtocolError(fault, "REQUEST_UNANSWERED")) return "Unanswered";
        throw fault;
    }
}
