import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
    bytesToHex,
    canonicalJson,
    concat,
    encodeTensor,
    evidenceToJson,
    type GatewayContext,
    type GatewayReceipt,
    gatewayRequestOf,
    gatewayStatementOf,
    type Hex,
    hashJson,
    type JsonObject,
    outputPartsOf,
    PRESETS,
    paymentNonceOf,
    policyFromText,
    RECEIPT_VERSION,
    SEMANTICS,
    type Statement,
    schemaHashOf,
    statementToJson,
    statementTypedData,
    toHex,
    uintToHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { contractsOf, executorFactsAt, modelFactsAt, paymentTokenAbi } from "@assay/sdk";
import { decodePaymentSignatureHeader, encodePaymentRequiredHeader } from "@x402/core/http";
import type { PaymentRequirements } from "@x402/core/types";
import { Contract, type Wallet } from "ethers";
import { z } from "zod";
import type { World } from "./_world.ts";

export const PAYEE: Hex = `0x${"0b".repeat(20)}`;
const SCHEMA = {
    inputs: [{ name: "x", dtype: "int8", shape: [1, 4] }],
    outputs: [
        { name: "sum", dtype: "int64", shape: [1] },
        { name: "first", dtype: "int8", shape: [1] },
    ],
};

/** What the executor says, each member of which a test may change into a lie. */
export type Told = {
    body: JsonObject;
    context: GatewayContext;
    configHash: Hex;
    input: Uint8Array;
    output: Uint8Array;
    request: GatewayReceipt["request"];
    key: { signTypedData: Wallet["signTypedData"] };
    executor: Hex;
};

/** How the gateway behaves; a test changes what it is about. */
export type Script = {
    /** undefined: an unpaid route. */
    accepts: ((honest: PaymentRequirements) => PaymentRequirements[]) | undefined;
    extensions: Record<string, unknown> | undefined;
    /** Before a paid request is looked at; true = it ends here. */
    onPaid: (call: { header: string; request: IncomingMessage; response: ServerResponse }) => boolean;
    /** Changes what is signed. */
    tell: (told: Told) => Told;
    /** Changes a receipt that is signed already. */
    receipt: (receipt: GatewayReceipt) => GatewayReceipt;
    /** Changes what a response shows. */
    show: (answer: JsonObject) => JsonObject;
    /** Ends a stream before it is done. */
    isStreamCut: boolean;
    schema: unknown;
    standing: string;
};

const payloadSchema = z.object({
    payload: z.object({
        signature: z.string(),
        authorization: z.object({
            from: z.string(),
            to: z.string(),
            value: z.string(),
            validAfter: z.string(),
            validBefore: z.string(),
            nonce: z.string().transform((text) => toHex(text, 32)),
        }),
    }),
    extensions: z.object({
        "assay-request": z.object({
            info: z.object({
                requestHash: z.string().transform((text) => toHex(text, 32)),
                salt: z.string().transform((text) => toHex(text, 32)),
            }),
        }),
    }),
});

/** A scripted gateway that signs real receipts of the world's executor. */
export async function startGateway(world: World) {
    const modelId = await registerModel(world);
    const token = toHex(world.deployment.contracts.PaymentToken ?? "");
    const relayer = createRelayer({ world, token });
    const receipts = new Map<string, GatewayReceipt>();
    const payments: string[] = [];
    let served = 0;
    let script = honest();
    const server = createServer((request, response) => {
        serve(request, response).catch((error: unknown) => {
            response.statusCode = 500;
            response.end(String(error));
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    if (bound === null || typeof bound === "string") throw new Error("The server has no port.");
    return {
        url: `http://127.0.0.1:${bound.port}`,
        modelId,
        token,
        fund: relayer.fund,
        /** PAYMENT-SIGNATURE headers, in order. */
        payments,
        /** Gives another receipt by an id than the one that was made for it. */
        replace: ({ id, receipt }: { id: string; receipt: GatewayReceipt }) => receipts.set(id, receipt),
        behave: (changes: Partial<Script>) => {
            script = { ...honest(), ...changes };
            payments.length = 0;
        },
        close: async () => {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
        },
    };

    async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const { url = "" } = request;
        if (url.startsWith("/v1/models/")) return json(response, { id: "tensors", modelId, schema: script.schema });
        if (url.startsWith("/v1/receipts/")) {
            const receipt = receipts.get(url.slice("/v1/receipts/".length));
            if (receipt === undefined)
                return json(response, { error: { message: "none", code: "GATEWAY_RECEIPT_UNKNOWN" } }, 404);
            return json(response, { id: "rcpt_", status: script.standing, reason: null, receipt });
        }
        const body: JsonObject = JSON.parse(await textOf(request));
        const header = request.headers["payment-signature"];
        if (script.accepts !== undefined && header === undefined) return challenge(response);
        if (typeof header === "string") {
            payments.push(header);
            if (script.onPaid({ header, request, response })) return;
        }
        await answer(response, { body, header: typeof header === "string" ? header : undefined, url });
    }

    function challenge(response: ServerResponse): void {
        const accepts = script.accepts?.(honestOffer({ chainId: world.deployment.chainId, token })) ?? [];
        const required = encodePaymentRequiredHeader({
            x402Version: 2,
            resource: { url: "http://gateway/v1/infer" },
            accepts,
            ...(script.extensions === undefined ? {} : { extensions: script.extensions }),
        });
        response.setHeader("PAYMENT-REQUIRED", required);
        json(response, { error: { message: "pay", code: "GATEWAY_PAYMENT_REQUIRED" } }, 402);
    }

    async function answer(
        response: ServerResponse,
        { body, header, url }: { body: JsonObject; header: string | undefined; url: string },
    ): Promise<void> {
        const isChat = url.endsWith("/chat/completions");
        served += 1;
        const id = `rcpt_${served.toString(16).padStart(32, "0")}`;
        const payment = header === undefined ? null : await paidBy({ world, relayer, token, header, body });
        const told = script.tell(whatIsTold({ world, body, payment, isChat }));
        receipts.set(id, script.receipt(await receiptOf({ world, told, modelId })));
        response.setHeader("X-Assay-Receipt", id);
        const shown = script.show(isChat ? chatShown(told.output) : { outputs: tensorsShown });
        if (body.stream !== true) return json(response, { id, ...shown });
        response.setHeader("content-type", "text/event-stream");
        const [choice] = z.array(z.object({ message: z.object({ content: z.string() }) })).parse(shown.choices);
        for (const content of choice?.message.content.split(/(?<= )/) ?? []) {
            response.write(event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }));
        }
        response.write(event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }));
        response.end(script.isStreamCut ? "" : "data: [DONE]\n\n");
    }
}

export type Gateway = Awaited<ReturnType<typeof startGateway>>;

function honest(): Script {
    return {
        accepts: (offer) => [offer],
        extensions: undefined,
        onPaid: () => false,
        tell: (told) => told,
        receipt: (receipt) => receipt,
        show: (answer) => answer,
        isStreamCut: false,
        schema: SCHEMA,
        standing: "proven",
    };
}

function honestOffer({ chainId, token }: { chainId: number; token: Hex }): PaymentRequirements {
    return {
        scheme: "exact",
        network: `eip155:${chainId}`,
        amount: "1000",
        asset: token,
        payTo: PAYEE,
        maxTimeoutSeconds: 300,
        extra: { name: TOKEN_NAME, version: "1", policy: uintToHex(PRESETS.SIGNED) },
    };
}

async function registerModel({ ethers, deployment }: World): Promise<Hex> {
    const [deployer] = await ethers.getSigners();
    if (deployer === undefined) throw new Error("The simulated network has no accounts.");
    const { models } = contractsOf({ deployment, runner: deployer });
    const spec = {
        artifactDigest: bytesToHex(new Uint8Array(32).fill(7)),
        ioSpec: 0n,
        schemaHash: schemaHashOf(SCHEMA),
        semantics: SEMANTICS.FLOAT,
        vkHash: ZERO_BYTES32,
        derivedFrom: ZERO_BYTES32,
    };
    const known = { input: "0x", output: "0x", proof: Array(8).fill(0n), c: 0n };
    const setup = { kind: 0, transcriptHash: ZERO_BYTES32 };
    const args: Parameters<typeof models.register> = [spec, setup, "0x", known, { uri: "", measurements: [] }];
    const modelId = toHex(await models.register.staticCall(...args));
    await models.register(...args);
    return modelId;
}

const TOKEN_NAME = "Assay Test USD";
const MINT = "function mint(address,uint256)";

/** Settles payments one after the other, each once, and funds payers. */
function createRelayer({ world, token }: { world: World; token: Hex }) {
    const contract = new Contract(token, [...paymentTokenAbi, MINT], world.executor);
    const settled = new Map<Hex, Hex>();
    let queue: Promise<unknown> = Promise.resolve();
    const settle = async ({ payload }: Paid): Promise<Hex> => {
        const { authorization, signature } = payload;
        const { from, to, value, validAfter, validBefore, nonce } = authorization;
        const known = settled.get(nonce);
        if (known !== undefined) return known;
        const method = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)";
        const args = [from, to, value, validAfter, validBefore, nonce, signature];
        const transaction = toHex((await contract.getFunction(method)(...args)).hash);
        settled.set(nonce, transaction);
        return transaction;
    };
    return {
        fund: async (account: string) => (await contract.getFunction("mint")(account, 1_000_000n)).wait(),
        settle: (paid: Paid): Promise<Hex> => {
            const mine = queue.then(() => settle(paid));
            queue = mine.catch(() => undefined);
            return mine;
        },
    };
}

type Paid = z.output<typeof payloadSchema>;
type Relayer = ReturnType<typeof createRelayer>;
type Paying = { world: World; relayer: Relayer; token: Hex; header: string; body: JsonObject };

/** Settles a payment; the token checks who signed exactly this, and here it is held against the request. */
async function paidBy({ world, relayer, token, header, body }: Paying): Promise<GatewayContext["payment"]> {
    const paid = payloadSchema.parse(decodePaymentSignatureHeader(header));
    const { authorization } = paid.payload;
    const { info } = paid.extensions["assay-request"];
    if (info.requestHash !== hashJson(body)) throw new Error("Not signed for this.");
    if (paymentNonceOf(info) !== authorization.nonce) throw new Error("The nonce is not bound to the request.");
    return {
        scheme: "exact",
        flow: "authorization",
        network: `eip155:${world.deployment.chainId}`,
        asset: token,
        payTo: toHex(authorization.to),
        amount: authorization.value,
        payer: toHex(authorization.from),
        nonce: authorization.nonce,
        transaction: await relayer.settle(paid),
    };
}

const verificationOf = z.object({ policy: z.string(), salt: z.string().transform((text) => toHex(text, 16)) });

function whatIsTold({
    world,
    body,
    payment,
    isChat,
}: {
    world: World;
    body: JsonObject;
    payment: GatewayContext["payment"];
    isChat: boolean;
}): Told {
    const { policy, salt } = verificationOf.parse(body.verification);
    const word = policyFromText(policy);
    const { messages, model, verification, stream, ...parameters } = body;
    const effective: JsonObject = isChat ? { model: "tiny", ...parameters } : { model: "tensors" };
    const input = isChat ? jsonBytes({ ...effective, messages: messages ?? [], salt }) : tensorInput(body);
    const output = isChat ? jsonBytes({ choices: [CHOICE] }) : tensorOutput(input);
    const context: GatewayContext = {
        version: 1,
        route: isChat ? "chat" : "infer",
        requested: body,
        effective,
        policy: uintToHex(word),
        claimClass: "COMPUTE",
        upstream: null,
        config: null,
        attachments: [],
        outputParts: outputPartsOf({ route: isChat ? "chat" : "infer", output }),
        usage: null,
        payment,
        sequence: 0,
        salt,
    };
    const request = gatewayRequestOf({
        requested: body,
        policy: word,
        paymentNonce: payment?.nonce ?? `0x${"08".repeat(32)}`,
        ...(payment === null ? {} : { payer: payment.payer }),
    });
    return {
        body,
        context,
        configHash: ZERO_BYTES32,
        input,
        output,
        request,
        key: world.signingKey,
        executor: toHex(world.executor.address),
    };
}

async function receiptOf({
    world,
    told,
    modelId,
}: {
    world: World;
    told: Told;
    modelId: Hex;
}): Promise<GatewayReceipt> {
    const { deployment, provider } = world;
    const { chainId } = deployment;
    const gate = deployment.contracts.EvidenceGate;
    const { context, input, output, request, executor } = told;
    const block = await provider.getBlock("latest");
    if (block?.hash == null) throw new Error("The chain has no block.");
    const at = { blockNumber: block.number };
    const issuedAt = BigInt(block.timestamp);
    const statement = gatewayStatementOf({
        ...{ chainId, gate, executor, request, context, input, output, issuedAt, modelId },
        configHash: told.configHash,
        resultCode: 0n,
    });
    return {
        version: RECEIPT_VERSION,
        origin: "gateway",
        chainId,
        gate,
        request,
        context,
        statement: statementToJson(statement),
        input: bytesToHex(input),
        output: bytesToHex(output),
        evidence: evidenceToJson([{ family: 0, data: await signature({ told, statement, chainId, gate }) }]),
        registry: {
            blockNumber: block.number,
            blockHash: toHex(block.hash),
            blockTimestamp: block.timestamp,
            model: await modelFactsAt({ provider, deployment }, { modelId, at }),
            executor: await executorFactsAt({ provider, deployment }, { executor, at }),
        },
    };
}

type Signing = { told: Told; statement: Statement; chainId: number; gate: Hex };

async function signature({ told, statement, chainId, gate }: Signing): Promise<Hex> {
    const { domain, types } = statementTypedData({ chainId, gate });
    return toHex(await told.key.signTypedData(domain, types, statement));
}

const CHOICE = { index: 0, message: { role: "assistant", content: "Gold is a metal." }, finish_reason: "stop" };
const tensorsShown = {
    sum: { dtype: "int64", shape: [1], data: [10] },
    first: { dtype: "int8", shape: [1], data: [1] },
};

function chatShown(output: Uint8Array): JsonObject {
    return JSON.parse(new TextDecoder().decode(output));
}

/** Canonical bytes of the input x. */
export function int8(...values: number[]): Uint8Array {
    return encodeTensor({ dtype: "int8", values });
}

function tensorInput({ inputs }: JsonObject): Uint8Array {
    const elements = z.array(z.union([z.number(), z.array(z.number())]));
    const { x } = z.object({ x: elements }).parse(Array.isArray(inputs) ? { x: inputs } : inputs);
    return int8(...x.flat());
}

/** The sum of the elements, and the first of them. */
function tensorOutput(input: Uint8Array): Uint8Array {
    const sum = input.reduce((total, byte) => total + byte, 0);
    return concat(encodeTensor({ dtype: "int64", values: [BigInt(sum)] }), input.slice(0, 1));
}

export function jsonBytes(value: JsonObject): Uint8Array {
    return new TextEncoder().encode(canonicalJson(value));
}

function json(response: ServerResponse, body: unknown, status = 200): void {
    response.statusCode = status;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
}

function event(data: unknown): string {
    return `data: ${JSON.stringify(data)}\n\n`;
}

async function textOf(request: IncomingMessage): Promise<string> {
    let text = "";
    for await (const chunk of request) text += chunk;
    return text;
}
