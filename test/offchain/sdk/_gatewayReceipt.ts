import {
    bytesToHex,
    encodeSigned,
    evidenceToJson,
    type GatewayContext,
    type GatewayReceipt,
    gatewayRequestOf,
    gatewayStatementOf,
    type Hex,
    hashJson,
    leafOf,
    outputPartsOf,
    PRESETS,
    paymentNonceOf,
    RECEIPT_VERSION,
    receiptHash,
    receiptTree,
    refundNonceOf,
    statementDigest,
    statementFromJson,
    statementToJson,
    toHex,
    uintToHex,
} from "@assay/protocol";
import { executorFactsAt, modelFactsAt, paymentTokenAbi } from "@assay/sdk";
import { Contract, SigningKey } from "ethers";
import type { World } from "./_world.ts";

const FOREVER = 2n ** 40n - 1n;
const AMOUNT = 1000n;
const NAME = "support/answers";
const CONFIG = { system: "Answer in one word." };
const INPUT = Uint8Array.of(1, 2, 3);
const OUTPUT = Uint8Array.of(4, 5);
const SALT: Hex = `0x${"6f".repeat(16)}`;
const requested = { model: "scores", inputs: { x: [1, 2, 3] } };

/** An authorization of a token of the test world, brought to it by somebody else. */
async function authorize(
    world: World,
    { from, to, nonce, amount = AMOUNT }: { from: World["requester"]; to: string; nonce: Hex; amount?: bigint },
): Promise<Hex> {
    const asset = paymentTokenOf(world);
    const token = new Contract(asset, paymentTokenAbi, world.executor);
    const domain = {
        name: await token.getFunction("name")(),
        version: await token.getFunction("version")(),
        chainId: world.deployment.chainId,
        verifyingContract: asset,
    };
    const names = { from: "address", to: "address", value: "uint256", validAfter: "uint256", validBefore: "uint256" };
    const types = {
        TransferWithAuthorization: [
            ...Object.entries(names).map(([name, type]) => ({ name, type })),
            { name: "nonce", type: "bytes32" },
        ],
    };
    const terms = { from: from.address, to, value: amount, validAfter: 0n, validBefore: FOREVER, nonce };
    const signature = await from.signTypedData(domain, types, terms);
    const method = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)";
    const sent = await token.getFunction(method)(from.address, to, amount, 0n, FOREVER, nonce, signature);
    return toHex((await sent.wait()).hash);
}

export function paymentTokenOf({ deployment }: World): Hex {
    const { PaymentToken } = deployment.contracts;
    if (PaymentToken === undefined) throw new Error("The world has a payment token.");
    return PaymentToken;
}

/** A gateway's receipt of which everything really happened on the world's chain: paid, configured, settled. */
export async function aGatewayReceipt(
    world: World,
    { resultCode = 0 }: { resultCode?: number } = {},
): Promise<GatewayReceipt> {
    const payer = toHex(world.requester.address);
    const asset = paymentTokenOf(world);
    await (
        await new Contract(asset, [...paymentTokenAbi, ...MINT], world.executor).getFunction("mint")(payer, AMOUNT)
    ).wait();
    const nonce = paymentNonceOf({ requestHash: hashJson(requested), salt: uintToHex(7n) });
    const payTo = toHex(world.executor.address);
    const transaction = await authorize(world, { from: world.requester, to: payTo, nonce });
    const config = { owner: payTo, name: NAME, version: 1, inForceFrom: await publish(world) };
    const route = "infer" as const;
    const context: GatewayContext = {
        ...{ version: 1, route, requested, effective: {}, policy: uintToHex(PRESETS.SIGNED), claimClass: "COMPUTE" },
        ...{ upstream: null, config, attachments: [], usage: null, sequence: 0, salt: SALT },
        outputParts: resultCode === 0 ? outputPartsOf({ route, output: OUTPUT }) : [],
        payment: {
            ...{ scheme: "exact", flow: "upfront", network: `eip155:${world.deployment.chainId}`, asset },
            ...{ payTo, amount: AMOUNT.toString(), payer, nonce, transaction },
        },
    };
    return signed(world, { context, resultCode });
}

const MINT = [
    {
        type: "function",
        name: "mint",
        stateMutability: "nonpayable",
        inputs: [
            { name: "to", type: "address" },
            { name: "amount", type: "uint256" },
        ],
        outputs: [],
    },
] as const;

async function publish(world: World): Promise<number> {
    await (await world.asExecutor.configs.publish(NAME, hashJson(CONFIG), "")).wait();
    const recorded = await world.asExecutor.configs.configOf(world.executor.address, NAME, 1);
    return Number(recorded.inForceFrom);
}

/** A receipt that was signed with another context. */
export function resigned(world: World, { context }: GatewayReceipt, changes: Partial<GatewayContext>) {
    if (context === undefined) throw new Error("The fixture has a context.");
    return signed(world, { context: { ...context, ...changes }, resultCode: 0 });
}

async function signed(
    world: World,
    { context, resultCode }: { context: GatewayContext; resultCode: number },
): Promise<GatewayReceipt> {
    const { provider, deployment, modelId } = world;
    const { chainId, contracts } = deployment;
    const gate = contracts.EvidenceGate;
    const executor = toHex(world.executor.address);
    const { payment, requested } = context;
    if (payment === null) throw new Error("It is paid.");
    const request = gatewayRequestOf({
        ...{ requested, policy: BigInt(context.policy), payer: payment.payer, paymentNonce: payment.nonce },
    });
    const block = await provider.getBlock("latest");
    if (block?.hash == null) throw new Error("The chain has a block.");
    const statement = gatewayStatementOf({
        ...{ chainId, gate, executor, modelId, configHash: hashJson(CONFIG), request, context },
        ...{ input: INPUT, output: OUTPUT, issuedAt: BigInt(block.timestamp), resultCode: BigInt(resultCode) },
    });
    const digest = statementDigest({ chainId, gate, statement });
    const at = { blockNumber: block.number };
    return {
        ...{ version: RECEIPT_VERSION, origin: "gateway", chainId, gate, request, context },
        statement: statementToJson(statement),
        input: bytesToHex(INPUT),
        ...(resultCode === 0 ? { output: bytesToHex(OUTPUT) } : {}),
        evidence: evidenceToJson([
            encodeSigned(toHex(new SigningKey(world.signingKey.privateKey).sign(digest).serialized)),
        ]),
        registry: {
            blockNumber: block.number,
            blockHash: toHex(block.hash),
            blockTimestamp: block.timestamp,
            model: await modelFactsAt(world, { modelId, at }),
            executor: await executorFactsAt(world, { executor, at }),
        },
    };
}

/** Pays a receipt's payment back, as the gateway does. */
export async function refunded(world: World, receipt: GatewayReceipt, amount = AMOUNT): Promise<GatewayReceipt> {
    const nonce = refundNonceOf(receipt.statement.requestId);
    const to = world.requester.address;
    const transaction = await authorize(world, { from: world.executor, to, nonce, amount });
    return { ...receipt, refund: { transaction, amount: amount.toString(), reason: "It could not be computed." } };
}

/** Posts receipts, whose sequences follow each other, as one batch; gives the last one with its settlement. */
export async function settled(world: World, receipts: readonly GatewayReceipt[]): Promise<GatewayReceipt> {
    const { chainId, contracts } = world.deployment;
    const executor = toHex(world.executor.address);
    const first = Number(await world.asExecutor.receipts.nextSequence(executor));
    const tree = receiptTree(
        receipts.map((receipt, at) => {
            const statement = statementFromJson(receipt.statement);
            const digest = statementDigest({ chainId, gate: contracts.EvidenceGate, statement });
            return leafOf({ executor, sequence: first + at, digest, receiptHash: receiptHash(receipt) });
        }),
    );
    const count = receipts.length;
    const draft = { root: tree.root, firstSequence: first, count, depth: tree.depth, data: "" };
    await (await world.asExecutor.receipts.post(executor, draft)).wait();
    const last = receipts.at(-1);
    if (last === undefined) throw new Error("A batch has receipts.");
    const place = { log: contracts.ReceiptLog, root: tree.root, sequence: first + count - 1 };
    return { ...last, settlement: { kind: "batch", ...place, proof: tree.proofOf(count - 1) } };
}
