import { createServer, type RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { FAMILIES, statementToJson, ZERO_BYTES32 } from "@assay/protocol";
import { expect } from "chai";
import { createEnclaveClient, type Patience } from "../../../offchain/executor/shell/enclaves/client.ts";
import { gatewayReceipt } from "../protocol/_gatewayReceipts.ts";
import { account, aStatement } from "./_builders.ts";
import { faultOf } from "./_faults.ts";

const never = new AbortController().signal;
const SIGNER = account(0x51);
const SIGNATURE = `0x${"5a".repeat(65)}`;

const question = {
    chainId: 31337,
    gate: account(0x6a),
    statement: aStatement(),
    input: "0x01",
    output: "0x02",
    registration: { owner: account(0x0e), derivedFrom: ZERO_BYTES32 },
    signal: never,
} as const;

describe("executor: client of an enclave", () => {
    const closing: (() => void)[] = [];
    afterEach(() => {
        for (const close of closing.splice(0)) close();
    });

    /** A client of a server that answers as told. */
    async function clientOf(answer: RequestListener, patience: Partial<Patience> = {}) {
        const server = createServer(answer);
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        closing.push(() => {
            server.close();
            server.closeAllConnections();
        });
        const bound = server.address();
        const url = `http://127.0.0.1:${typeof bound === "object" ? bound?.port : 0}`;
        return createEnclaveClient({ url, fetch, ...patience });
    }
    const says = (body: unknown, status = 200): RequestListener => {
        return (_request, response) => response.writeHead(status).end(JSON.stringify(body));
    };

    it("learns family and key, whatever else is said", async () => {
        const client = await clientOf(
            says({ family: "TEE_TDX", signer: SIGNER.toUpperCase().replace("X", "x"), more: 1 }),
        );
        expect(await client.identity({ signal: never })).to.deep.equal({ family: FAMILIES.TEE_TDX, signer: SIGNER });
    });

    it("sends the statement with its bytes and registration, and gets a signature", async () => {
        const seen: unknown[] = [];
        const client = await clientOf((request, response) => {
            const chunks: Buffer[] = [];
            request.on("data", (chunk: Buffer) => chunks.push(chunk));
            request.on("end", () => {
                seen.push(request.method, request.url, JSON.parse(Buffer.concat(chunks).toString()));
                response.end(JSON.stringify({ signature: SIGNATURE }));
            });
        });

        expect(await client.sign(question)).to.equal(SIGNATURE);

        const { signal: _signal, statement, ...rest } = question;
        expect(seen).to.deep.equal(["POST", "/v1/sign", { ...rest, statement: statementToJson(statement) }]);
    });

    it("sends the context of a gateway's statement along", async () => {
        const seen: unknown[] = [];
        const client = await clientOf(async (request, response) => {
            seen.push(JSON.parse(await text(request)));
            response.end(JSON.stringify({ signature: SIGNATURE }));
        });
        const { context } = gatewayReceipt();
        if (context === undefined) throw new Error("The fixture has a context.");

        await client.sign({ ...question, context });

        expect(seen).to.have.nested.property("0.context.sequence", 4);
    });

    const refusals: Record<string, { answer: RequestListener; message: string }> = {
        "gives a family that is no TEE": {
            answer: says({ family: "SIGNED", signer: SIGNER }),
            message: "It sent no answer.",
        },
        "gives a key that is no address": {
            answer: says({ family: "TEE_NITRO", signer: "0x51" }),
            message: "It sent no answer.",
        },
        "gives nothing": { answer: (_request, response) => response.end(), message: "It sent no answer." },
        "gives no JSON": { answer: (_request, response) => response.end("<html>"), message: "It sent no answer." },
        "gives an answer with another status": {
            answer: says({ family: "TEE_NITRO", signer: SIGNER }, 500),
            message: "It sent no answer.",
        },
        "gives a code": {
            answer: says({ error: { code: "ENCLAVE_BUSY", message: "Come again." } }, 503),
            message: "ENCLAVE_BUSY: Come again.",
        },
        "gives more than anybody reads": {
            answer: (_request, response) =>
                response.end(JSON.stringify({ family: "TEE_NITRO", pad: "x".repeat(1 << 20) })),
            message: "It sent no answer.",
        },
    };
    for (const [title, { answer, message }] of Object.entries(refusals)) {
        it(`says that it refused when it ${title}`, async () => {
            const client = await clientOf(answer);
            const { code, message: said } = await faultOf(client.identity({ signal: never }));
            expect(code).to.equal("EXECUTOR_ENCLAVE_REFUSED");
            expect(said).to.include(message).and.include(client.url);
        });
    }

    it("says that it refused when the signature has another length", async () => {
        const client = await clientOf(says({ signature: `${SIGNATURE}00` }));
        expect((await faultOf(client.sign(question))).code).to.equal("EXECUTOR_ENCLAVE_REFUSED");
    });

    const absences: Record<string, RequestListener> = {
        "points elsewhere": (_request, response) => response.writeHead(302, { location: "/v1/other" }).end(),
        "cuts the line": (request) => request.socket.destroy(),
        "cuts its answer": (_request, response) => {
            response.writeHead(200, { "content-length": "100" }).write("{");
            response.socket?.end();
        },
        "does not answer in time": () => {},
        "does not finish in time": (_request, response) => void response.writeHead(200).write("{"),
    };
    for (const [title, answer] of Object.entries(absences)) {
        it(`says that it cannot be reached when it ${title}`, async () => {
            const client = await clientOf(answer, { identityTimeoutMs: 50, signTimeoutMs: 50 });
            const asked = await faultOf(client.identity({ signal: never }));
            const signed = await faultOf(client.sign(question));
            expect([asked.code, signed.code]).to.deep.equal(Array(2).fill("EXECUTOR_ENCLAVE_UNREACHABLE"));
        });
    }

    it("calls nothing a fault of the enclave when nobody needs the answer any more", async () => {
        const gone = new AbortController();
        const reason = new Error("settled meanwhile");
        const client = await clientOf(() => gone.abort(reason));

        const outcome = await client.identity({ signal: gone.signal }).catch((error: unknown) => error);

        expect(outcome).to.equal(reason);
    });
});
