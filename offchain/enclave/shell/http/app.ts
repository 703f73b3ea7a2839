import { bytesToHex, familyName, ProtocolError } from "@assay/protocol";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Logger } from "pino";
import { z } from "zod";
import type { Answering } from "../answering.ts";
import type { AttestationAnswer, Attester } from "../attester.ts";
import type { Door } from "../door.ts";
import { activationBody, attestationBody, heartbeatBody, runBody, signBody } from "./bodies.ts";
import { badRequest, faultOf } from "./faults.ts";

/** Inputs and outputs of 4 MiB each, in hex, with what stands around them. */
const MOST_BODY_BYTES = 17 << 20;

/** As much of an unknown route is said back. */
const MOST_PATH_CHARACTERS = 80;

/** What the routes are made of. */
export type AppParts = {
    /** Answer of GET /v1/enclave; plain JSON. */
    describe: () => unknown;
    answering: Answering;
    attester: Attester;
    /** Through which requests with a body are let in. */
    door: Door;
    log: Logger;
};

/** The enclave's HTTP interface: JSON in, JSON out, every fault `{ error: { code, message } }`. */
export function createApp({ describe, answering, attester, door, log }: AppParts): Hono {
    const app = new Hono();
    // A body is memory, too: it is read by those only who were let in.
    app.use((context, next) => (context.req.method === "POST" ? door.pass(next) : next()));
    app.use(bodyLimit({ maxSize: MOST_BODY_BYTES, onError: tooLarge }));
    app.onError((error, context) => {
        const { status, body } = faultOf({ error, log });
        return context.json(body, status);
    });
    app.notFound((context) => {
        const missing = new ProtocolError({
            code: "ENCLAVE_ROUTE_UNKNOWN",
            message: `${context.req.method} ${context.req.path.slice(0, MOST_PATH_CHARACTERS)} is not there.`,
        });
        return context.json(faultOf({ error: missing, log }).body, 404);
    });
    addRoutes(app, { describe, answering, attester });
    return app;
}

function addRoutes(
    app: Hono,
    { describe, answering, attester }: Pick<AppParts, "describe" | "answering" | "attester">,
) {
    app.get("/health", (context) => context.json({ ok: true, attested: attester.newest() !== undefined }));
    app.get("/v1/enclave", (context) => context.json(describe()));
    app.post("/v1/attestation", async (context) => {
        const request = await bodyOf({ context, schema: attestationBody });
        return context.json(answerJson(await attester.attest(request, { signal: context.req.raw.signal })));
    });
    app.post("/v1/run", async (context) => {
        const question = await bodyOf({ context, schema: runBody });
        const { signal } = context.req.raw;
        const { output, resultCode } = await answering.run(question, { signal });
        return context.json({ output: bytesToHex(output), resultCode });
    });
    app.post("/v1/sign", async (context) => {
        const question = await bodyOf({ context, schema: signBody });
        const { signal } = context.req.raw;
        return context.json({ signature: await answering.sign(question, { signal }) });
    });
    app.post("/v1/heartbeat", async (context) =>
        context.json({ signature: answering.heartbeat(await bodyOf({ context, schema: heartbeatBody })) }),
    );
    app.post("/v1/activate", async (context) => {
        const { enclaveId } = await bodyOf({ context, schema: activationBody });
        return context.json({ signer: answering.activate(enclaveId) });
    });
}

async function bodyOf<S extends z.ZodType>({ context, schema }: { context: Context; schema: S }): Promise<z.output<S>> {
    const text = await context.req.text();
    const parsed = schema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    throw badRequest(`${z.prettifyError(parsed.error)}.`);
}

function jsonOf(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        throw badRequest("The body is no JSON.");
    }
}

function tooLarge(): never {
    throw new ProtocolError({
        code: "ENCLAVE_REQUEST_TOO_LARGE",
        message: `At most ${MOST_BODY_BYTES} bytes are read.`,
    });
}

function answerJson({ document, collateral, binding, family, ...rest }: AttestationAnswer) {
    const { chainId, keyEpoch, deadline } = binding;
    return {
        family: familyName(family),
        ...rest,
        document: bytesToHex(document),
        collateral: bytesToHex(collateral),
        binding: { ...binding, chainId: String(chainId), keyEpoch: String(keyEpoch), deadline: String(deadline) },
    };
}
