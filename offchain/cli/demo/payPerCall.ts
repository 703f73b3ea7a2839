import { setTimeout } from "node:timers/promises";
import {
    describePresent,
    type GatewayReceipt,
    PRESETS,
    ProtocolError,
    parseReceipt,
    satisfied,
    verifyReceipt,
} from "@assay/protocol";
import { connect, createAssay, onChain, paymentTokenAbi, readChainState } from "@assay/sdk";
import { Contract } from "ethers";
import { z } from "zod";
import type { DigitSample } from "./digits.ts";
import { referenceDigit } from "./examine.ts";
import { startDemoGateway } from "./gateway.ts";
import type { PaidRow } from "./row.ts";
import type { DemoWorld } from "./world.ts";

/** What the payer may spend, units of the test token: far more than one answer costs. */
const SPEND = { maxPerCall: 100_000n, maxPerDay: 1_000_000n };
/** A batch is posted within fractions of a second here. */
const SETTLED_INTERVAL_MS = 50;

const standing = z.object({ status: z.string(), receipt: z.unknown() });

type Paying = { sample: DigitSample; progress: (line: string) => void; signal: AbortSignal };

/** One question over HTTP: paid, answered, verified by whoever asked, and found in a batch of the receipt log. */
export async function payPerCall(world: DemoWorld, { sample, progress, signal }: Paying): Promise<PaidRow> {
    const gateway = await startDemoGateway(world, { progress });
    try {
        const startedAt = performance.now();
        const { id, predictedDigit, paidUnits } = await buy(world, { url: gateway.url, sample, signal });
        const seconds = Math.round(performance.now() - startedAt) / 1000;
        progress(`asked over HTTP under SIGNED, paid ${paidUnits} units: ${id}`);
        const receipt = await settledReceipt({ url: gateway.url, id, signal });
        progress(`its receipt is number ${receipt.settlement.sequence} in the log`);
        return await examinePaid(world, { receipt, sample, predictedDigit, paidUnits, seconds });
    } finally {
        await gateway.stop();
    }
}

/** Asks through the SDK, which pays within its limits and verifies the answer before it gives it. */
async function buy(
    { rpcUrl, deployment, accounts }: DemoWorld,
    { url, sample, signal }: { url: string; sample: DigitSample; signal: AbortSignal },
) {
    const { payer, payee, gateway } = accounts;
    const asset = deployment.contracts.PaymentToken ?? "0x";
    const token = new Contract(asset, [...paymentTokenAbi, "function mint(address to, uint256 value)"], payer);
    await onChain(async () => (await token.getFunction("mint")(payer.address, SPEND.maxPerDay)).wait());
    const { provider } = await connect({ rpcUrl, signal });
    try {
        const spend = { ...SPEND, asset, payees: [payee.address] };
        const executors = [gateway.address];
        const assay = await createAssay({ gatewayUrl: url, provider, deployment, payer, spend, executors });
        const question = { model: "digits", inputs: [sample.input], policy: "SIGNED", signal };
        const { id, outputs, paid } = await assay.infer(question);
        const predictedDigit = Number(Object.values(outputs)[0]?.data[0]);
        return { id, predictedDigit, paidUnits: paid?.amount ?? 0n };
    } finally {
        provider.destroy();
    }
}

type SettledReceipt = GatewayReceipt & { settlement: Extract<GatewayReceipt["settlement"], { kind: "batch" }> };

/** The receipt as the gateway gives it to whoever holds its id, once the log holds its batch. */
async function settledReceipt({
    url,
    id,
    signal,
}: {
    url: string;
    id: string;
    signal: AbortSignal;
}): Promise<SettledReceipt> {
    for (;;) {
        const response = await fetch(`${url}/v1/receipts/${id}`, { signal });
        const { status, receipt: json } = standing.parse(await response.json());
        const receipt = status === "settled" ? parseReceipt(json) : undefined;
        if (receipt?.origin === "gateway" && receipt.settlement?.kind === "batch") {
            return { ...receipt, settlement: receipt.settlement };
        }
        if (status === "failed" || status === "refunded") {
            throw new ProtocolError({ code: "DEMO_UNEXPECTED", message: `The paid inference is ${status}.` });
        }
        await setTimeout(SETTLED_INTERVAL_MS, undefined, { signal });
    }
}

/** Looks at the receipt from outside: by itself, and against the chain over a connection of its own. */
async function examinePaid(
    world: DemoWorld,
    {
        receipt,
        sample,
        ...answer
    }: Pick<PaidRow, "predictedDigit" | "paidUnits" | "seconds"> & { receipt: SettledReceipt; sample: DigitSample },
): Promise<PaidRow> {
    const { rpcUrl, deployment } = world;
    const offline = verifyReceipt({ receipt });
    const { provider } = await connect({ rpcUrl });
    try {
        const chainState = await readChainState({ provider, deployment }, receipt);
        const { accepted, code, policyMet, present, proven } = verifyReceipt({ receipt, chainState });
        const isInLog = proven.some(({ subject, by }) => subject === "settlement" && by === "chain");
        const reference = await referenceDigit({ world, sample });
        return {
            status: "paid",
            policy: "SIGNED, paid over HTTP",
            trueDigit: sample.label,
            requestId: receipt.statement.requestId,
            present: describePresent(present),
            ...answer,
            receipt: { accepted, code, policyMet },
            batch: { root: receipt.settlement.root, sequence: receipt.settlement.sequence },
            asExpected:
                offline.accepted &&
                accepted &&
                policyMet &&
                satisfied(PRESETS.SIGNED, present) &&
                isInLog &&
                answer.paidUnits > 0n &&
                answer.predictedDigit === reference,
        };
    } finally {
        provider.destroy();
    }
}
