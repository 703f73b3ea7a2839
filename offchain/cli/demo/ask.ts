import { type Hex, ProtocolError, toHex } from "@assay/protocol";
import { ContractRevert, onChain, quote } from "@assay/sdk";
import type { DemoCase } from "./cases.ts";
import type { Oracle } from "./deploy.ts";
import type { DigitSample } from "./digits.ts";
import type { DemoWorld } from "./world.ts";

const DEADLINE_SECONDS = 3_600n;

/** What became of a question when it was asked. */
export type Asked =
    | { status: "open"; requestId: Hex; askedAtMs: number }
    | { status: "refused"; refusal: ContractRevert };

/** Lets the consumer contract ask which digit an image shows; a refusal is an outcome. */
export async function ask(
    world: DemoWorld,
    { policy, namesExecutor, sample }: DemoCase & { sample: DigitSample },
): Promise<Asked> {
    const { provider, deployment, oracle, modelId, accounts } = world;
    const executors = namesExecutor ? [toHex(accounts.executor.address)] : [];
    try {
        return await onChain(async () => {
            const callbackGas = await oracle.CALLBACK_GAS();
            const answer = await quote({ provider, deployment }, { modelId, policy, executors, callbackGas });
            // A refused question is sent too: the contract has to refuse it, not this program.
            const value = answer.status === "meetable" ? answer.minimumFeeWei : 0n;
            const now = BigInt((await provider.getBlock("latest"))?.timestamp ?? 0);
            const image = Uint8Array.from(sample.input);
            const signers = { executors, minStakeWei: 0n };
            const { hash } = await oracle.ask(image, policy, signers, now + DEADLINE_SECONDS, { value });
            return { status: "open", requestId: await askedId({ oracle, hash }), askedAtMs: performance.now() };
        });
    } catch (fault) {
        if (fault instanceof ContractRevert) return { status: "refused", refusal: fault };
        throw fault;
    }
}

/** The id under which the consumer's event announces the question. */
async function askedId({ oracle, hash }: { oracle: Oracle; hash: string }): Promise<Hex> {
    const receipt = await oracle.runner?.provider?.waitForTransaction(hash);
    const events = (receipt?.logs ?? []).map((log) => oracle.interface.parseLog(log));
    const requestId: unknown = events.find((event) => event?.name === "DigitAsked")?.args.getValue("requestId");
    if (typeof requestId === "string") return toHex(requestId);
    throw new ProtocolError({ code: "DEMO_UNEXPECTED", message: "The consumer did not announce its question." });
}
