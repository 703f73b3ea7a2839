import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { createHttpRpc, RpcRefusal } from "../../../offchain/executor/shell/chain/rpc.ts";
import { isProtocolError } from "../../../offchain/protocol/index.ts";

const CALL = { method: "eth_chainId", params: [] };

describe("executor: an endpoint over HTTP", () => {
    const servers = new Set<Server>();
    after(async () => {
        for (const server of servers) {
            server.closeAllConnections();
            server.close();
            await once(server, "close");
        }
    });

    async function rpcTo(listener: RequestListener, timeoutMs?: number) {
        const server = createServer(listener).listen(0, "127.0.0.1");
        servers.add(server);
        await once(server, "listening");
        const url = `http://127.0.0.1:${portOf(server)}`;
        return createHttpRpc({ url, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    }

    it("posts a call as JSON and gives its result", async () => {
        const asked: unknown[] = [];
        const rpc = await rpcTo(async (request, response) => {
            const chunks = await request.toArray();
            asked.push([request.method, request.headers["content-type"], JSON.parse(Buffer.concat(chunks).toString())]);
            response.end('{"jsonrpc":"2.0","id":1,"result":"0x7a69 ☃"}');
        });

        const result = await rpc.request({ method: "eth_call", params: ["☃", 1] });

        expect(result).to.equal("0x7a69 ☃");
        expect(asked).to.deep.equal([
            ["POST", "application/json", { jsonrpc: "2.0", id: 1, method: "eth_call", params: ["☃", 1] }],
        ]);
    });

    it("gives the refusal in an answer, whatever its status", async () => {
        const error = { code: -32_000, message: "execution reverted", data: { data: "0x1234" } };
        const rpc = await rpcTo((_request, response) => {
            response.writeHead(500).end(JSON.stringify({ jsonrpc: "2.0", id: 1, error }));
        });

        const refusal = await faultOf(rpc.request(CALL));

        expect(refusal instanceof RpcRefusal && [refusal.rpcCode, refusal.rpcMessage, refusal.data]).to.deep.equal([
            ...[-32_000, "execution reverted", "0x1234"],
        ]);
    });

    it("knows no answer when it is no JSON, breaks off, does not come, or nobody is there", async () => {
        const noJson = await rpcTo((_request, response) => response.end("<html>"));
        const broken = await rpcTo((_request, response) => {
            response.writeHead(200, { "content-length": 1_000 }).write('{"jsonrpc"');
            setImmediate(() => response.destroy());
        });
        const silent = await rpcTo(() => {}, 50);
        const halfSilent = await rpcTo((_request, response) => response.write("{"), 50);
        const nobody = createHttpRpc({ url: "http://127.0.0.1:1" });

        for (const rpc of [noJson, broken, silent, halfSilent, nobody]) {
            const fault = await faultOf(rpc.request(CALL));
            expect(isProtocolError(fault, "EXECUTOR_RPC_UNREACHABLE") && fault.message).to.include("eth_chainId");
        }
    });

    it("stops waiting when the caller does", async () => {
        const asked = Promise.withResolvers<void>();
        const rpc = await rpcTo(() => asked.resolve());
        const leaving = new AbortController();

        const asking = faultOf(rpc.request({ ...CALL, signal: leaving.signal }));
        await asked.promise;
        leaving.abort();

        expect(isProtocolError(await asking, "EXECUTOR_RPC_UNREACHABLE")).to.equal(true);
    });

    it("asks again over the same connection", async () => {
        const ports = new Set<number | undefined>();
        const rpc = await rpcTo((request, response) => {
            ports.add(request.socket.remotePort);
            request.resume().once("end", () => response.end('{"result":1}'));
        });

        for (let time = 0; time < 3; time++) await rpc.request(CALL);

        expect(ports.size).to.equal(1);
    });
});

function portOf(server: Server): number {
    const address: AddressInfo | string | null = server.address();
    return address === null || typeof address === "string" ? 0 : address.port;
}

async function faultOf(asking: Promise<unknown>): Promise<unknown> {
    try {
        await asking;
    } catch (error) {
        return error;
    }
    throw new Error("It gave an answer.");
}
