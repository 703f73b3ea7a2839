import { describePresent, type Hex, PRESENT_BITS, satisfied, verifyReceipt } from "@assay/protocol";
import { type Connection, onChain, readChainState, receiptFromChain } from "@assay/sdk";
import type { DemoCase } from "./cases.ts";
import type { DigitSample } from "./digits.ts";
import type { DemoRow } from "./row.ts";
import type { DemoWorld } from "./world.ts";

/** The digit a consumer has read, as its enum says: 2 = Read. */
const READ = 2n;

type Answered = { question: DemoCase; sample: DigitSample; requestId: Hex; seconds: number };

/**
 * Looks at an answer from outside: the receipt is rebuilt from the chain over a connection of its own and verified here,
 * the consumer is asked what it kept, the model is run once more by the reference interpreter.
 */
export async function examine(
    { world, connection }: { world: DemoWorld; connection: Connection },
    { question, sample, requestId, seconds }: Answered,
): Promise<DemoRow> {
    const { deployment, oracle } = world;
    const { provider } = connection;
    const receipt = await receiptFromChain({ provider, deployment, requestId });
    const chainState = await readChainState({ provider, deployment }, receipt);
    const { accepted, code, policyMet, present } = verifyReceipt({ receipt, chainState });
    const reading = await onChain(() => oracle.readingOf(requestId));
    const delivery = await onChain(() => provider.getTransactionReceipt(chainState.delivery?.transaction ?? "0x"));
    const reference = await referenceDigit({ world, sample });
    const predictedDigit = Number(reading.digit);
    const isRead = reading.state === READ && BigInt(receipt.output ?? "0x") === reading.digit;
    return {
        status: "delivered",
        policy: question.policyName,
        requestId,
        present: describePresent(present),
        developmentSetup: (present & (1 << PRESENT_BITS.DEVELOPMENT)) !== 0,
        simulated: (present & (1 << PRESENT_BITS.SIMULATED)) !== 0,
        predictedDigit,
        trueDigit: sample.label,
        gas: delivery?.gasUsed ?? 0n,
        seconds,
        receipt: { accepted, code, policyMet },
        asExpected:
            question.expected === "delivered" &&
            accepted &&
            policyMet &&
            satisfied(question.policy, present) &&
            isRead &&
            predictedDigit === reference,
    };
}

/** What the integer model says, by the interpreter that defines it. */
export async function referenceDigit({ world, sample }: { world: DemoWorld; sample: DigitSample }): Promise<number> {
    const { interpret, loadModel, quantiseInput } = await import("@assay/compiler");
    const { graph, manifest } = await loadModel(world.modelDir);
    return Number(interpret(graph, quantiseInput(manifest, sample.input))[0]);
}
