import { connect } from "node:net";
import { expect } from "chai";
import { createTestLog, type LogLine } from "../offchain/executor/_log.ts";
import { createGatewayWorld, type GatewayWorld } from "../offchain/gateway/_gateway.ts";

/** What is no request, or half a one, as it goes over the wire. */
const MALFORMED = [
    "POST /v1/infer HTTP/1.1\nHost: a\nContent-Length: 2\nContent-Length: 3\n\n{}",
    "POST /v1/infer HTTP/1.1\nHost: a\nContent-Length: 2\nTransfer-Encoding: chunked\n\n0\n\n",
    "POST /v1/infer HTTP/1.1\nHost: a\nContent-Length: 99999999999\nConnection: close\n\n{}",
    "POST /v1/infer HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\nzz\nabc\n",
    'POST /v1/infer HTTP/1.1\nHost: evil"><script>\nContent-Length: 0\n\n',
    "GET /.well-known/x402 HTTP/1.1\nHost: user:pw@evil\n\n",
    "GET http://elsewhere/v1/models HTTP/1.1\nHost: a\nConnection: close\n\n",
    "GET /v1/receipts/%zz HTTP/1.1\nHost: a\nConnection: close\n\n",
    `GET /v1/models HTTP/1.1\nHost: a\nX: ${"a".repeat(40_000)}\n\n`,
    "PRI * HTTP/2.0\n\nSM\n\n",
    "\u0016\u0003\u0001\u0000",
];

/** Bodies that nobody should send; those of a chat are merged with one that is good. */
const TEXTS = [
    ...["", "{", "null", "[]", '"x"', '{"model":1}', '{"model":"__proto__"}', '{"model":"\\ud800"}', "[".repeat(9_999)],
    `${'{"a":'.repeat(60)}1${"}".repeat(60)}`,
    '{"model":"tiny-text","messages":[{"role":"user","content":"\\ud800"}]}',
    '{"model":"tiny-text","messages":[{"role":"user","content":"a"}],"seed":1e400}',
    '{"model":"argmax-8-4-2","inputs":[[1,2,3,4,5,6,7,1e300]]}',
    '{"model":"argmax-8-4-2","inputs":{"x":{"data":[1],"shape":[1000000000,1000000000]}}}',
];
const CHANGES: readonly object[] = [
    ...[{ max_tokens: 0 }, { max_tokens: 1e9 }, { max_tokens: 5, max_completion_tokens: 9 }, { n: 2 }, { tools: [{}] }],
    ...[{ stop: ["\ud800"] }, { messages: [] }, { messages: [{ role: "__proto__", content: {} }] }, { stream: "yes" }],
    ...["0x", "__proto__", `0x${"f".repeat(64)}`].map((policy) => ({ verification: { policy } })),
    ...[{ verification: null }, { verification: { levels: [] } }, { verification: { salt: "0x00" } }],
];

describe("attacks: the HTTP surface of a whole gateway", function () {
    this.timeout(60_000);
    const { log, lines, seen } = createTestLog();
    let world: GatewayWorld;
    before(async () => {
        world = await createGatewayWorld({ log, settings: { prices: { free: ["chat"] } } });
    });
    after(() => world.close());

    const exchange = (text: string) =>
        new Promise<string>((resolve) => {
            const { hostname, port } = new URL(world.url);
            const socket = connect(Number(port), hostname);
            let answer = "";
            socket.on("data", (data) => {
                answer += data;
                socket.destroy();
            });
            socket.on("close", () => resolve(answer));
            socket.write(text.replaceAll("\n", "\r\n"));
        });
    const defects = () => lines.filter(({ msg }) => msg === "defect");
    /** Says when the log has one more line of these messages or stages than now. */
    const oneMore = (...said: string[]) => {
        const isOne = ({ msg, stage }: LogLine) => said.includes(msg) || said.includes(stage ?? "");
        const before = lines.filter(isOne).length;
        return () => seen(() => lines.filter(isOne).length > before);
    };

    it("S16: what is malformed is refused as the caller's fault, and breaks nothing", async () => {
        for (const text of MALFORMED) expect(await exchange(text), text.slice(0, 60)).to.match(/^HTTP\/1\.1 4\d\d /);
        const chat = { model: "tiny-text", messages: [{ role: "user", content: "Hello" }] };
        for (const text of [...TEXTS, ...CHANGES.map((change) => JSON.stringify({ ...chat, ...change }))]) {
            for (const route of ["/v1/chat/completions", "/v1/infer"]) {
                const { status } = await world.get(route, { method: "POST", body: text });
                expect(status, text.slice(0, 80)).to.be.within(400, 499);
            }
        }
        expect(defects()).to.deep.equal([]);
    });

    it("S16: callers who break off are no defect that fills the log", async () => {
        const { hostname, port } = new URL(world.url);
        const refused = oneMore("answered");
        const half = connect(Number(port), hostname, () => {
            half.write("POST /v1/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{", () => half.destroy());
        });
        await refused();
        const chat = { model: "tiny-text", messages: [{ role: "user", content: "Hello" }], max_tokens: 1_024 };
        for (const stream of [false, true]) {
            const gone = new AbortController();
            const [begun, ended] = [oneMore("inference begun"), oneMore("failed", "proven")];
            const body = JSON.stringify({ ...chat, stream, stop: ["never said"] });
            const asked = world.get("/v1/chat/completions", { method: "POST", body, signal: gone.signal });
            await begun();
            gone.abort();
            await asked.then((response) => response.text()).catch(() => {});
            await ended();
        }
        const health = await world.get("/health");

        expect(defects()).to.deep.equal([]);
        expect(health.status).to.equal(200);
    });
});
