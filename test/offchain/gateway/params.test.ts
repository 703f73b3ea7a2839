import type { JsonObject } from "@assay/protocol";
import { expect } from "chai";
import { paramOf } from "../../../offchain/gateway/core/atFault.ts";
import { readMessages } from "../../../offchain/gateway/core/chatMessages.ts";
import { readParameters } from "../../../offchain/gateway/core/chatParameters.ts";
import { readTensors } from "../../../offchain/gateway/core/readTensors.ts";
import { verificationOf } from "../../../offchain/gateway/core/verification.ts";
import { aLife, appStarter, jsonOf } from "./_app.ts";

const TENSORS = [{ name: "x", dtype: "float32", shape: [2], count: 2, bytes: 8 }];
const abilities = { parameters: ["temperature", "stop"], defaults: { max_tokens: 8 }, mostTokens: 16 } as const;

const chat = (body: JsonObject) => readParameters({ body, config: {}, abilities });
const messages = (given: unknown) => readMessages({ given, config: {}, readsTextOnly: true });
const tensors = (inputs: unknown) => readTensors({ tensors: TENSORS, inputs });

describe("gateway: the member at fault", () => {
    const start = appStarter();

    const faults: [string, () => unknown][] = [
        ["messages", () => messages(undefined)],
        ["messages[1].content", () => messages([{ role: "user", content: "hi" }, { role: "user" }])],
        ["messages[0].colour", () => messages([{ role: "user", content: "hi", colour: 1 }])],
        ["temperature", () => chat({ temperature: 3 })],
        ["stop", () => chat({ stop: 1 })],
        ["n", () => chat({ n: 2 })],
        ["max_tokens", () => chat({ max_tokens: 17 })],
        ["stream", () => chat({ stream: 1 })],
        ["stream_options", () => chat({ stream_options: { include_usage: true } })],
        ["verification.level", () => verificationOf({ verification: { level: 1 } })],
        [
            "verification.config.name",
            () => verificationOf({ verification: { config: { owner: `0x${"11".repeat(20)}` } } }),
        ],
        ["verification", () => verificationOf({ verification: { policy: "SURE" } })],
        ["inputs", () => tensors(1)],
        ["inputs.x", () => tensors({ x: [1] })],
        ["inputs.y", () => tensors({ x: [1, 2], y: 1 })],
    ];
    for (const [param, work] of faults) {
        it(`is ${param}, named in one plain line`, () => {
            const fault = faultOf(work);

            expect(paramOf(fault)).to.equal(param);
            expect(fault)
                .to.be.instanceOf(Error)
                .and.have.property("message")
                .that.does.not.match(/[✖→\n]/);
        });
    }

    it("is short, whatever was sent", () => {
        const name = "a".repeat(10_000);

        const fault = faultOf(() => messages([{ role: "user", content: "hi", [name]: 1 }]));

        expect(paramOf(fault)).to.have.length.of.at.most(100);
        expect(fault).to.have.property("message").that.has.length.of.at.most(1_000);
    });

    it("is never taken from a cause that came from elsewhere", () => {
        const fault = Object.assign(
            faultOf(() => chat({ n: 2 })),
            { cause: { param: "secret" } },
        );

        expect(paramOf(fault)).to.equal(null);
    });

    it("is told over HTTP", async () => {
        const life = aLife({ serve: async () => Promise.reject(faultOf(() => chat({ temperature: 3 }))) });
        const app = await start({ life });

        const { error } = await jsonOf(app.post("/v1/chat/completions", { model: "tiny" }));
        const { error: query } = await jsonOf(app.get("/v1/attestation/report?model=tiny&nonce=1"));

        expect(error).to.include({ code: "GATEWAY_BODY_INVALID", param: "temperature" });
        expect(error.message).to.match(/^temperature: /);
        expect(query).to.include({ code: "GATEWAY_BODY_INVALID", param: "nonce" });
    });
});

function faultOf(work: () => unknown): Error {
    try {
        work();
    } catch (fault) {
        if (fault instanceof Error) return fault;
    }
    throw new Error("Nothing was thrown.");
}
