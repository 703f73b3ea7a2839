import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { createSession } from "@assay/compiler";
import { createEnclave, createEnclaveClient, type Enclave, registerEnclave } from "@assay/enclave";
import { heartbeatDigest, recoverSigner, verifyReceipt } from "@assay/protocol";
import type { ActingOn } from "@assay/sdk";
import { expect } from "chai";
import { pino } from "pino";
import { jsonOf } from "./_app.ts";
import { createGatewayWorld, type GatewayWorld, INFER } from "./_gateway.ts";
import { modelFile } from "./_models.ts";

const PACKAGE = fileURLToPath(new URL("../../../offchain/protocol", import.meta.url));

describe("gateway with an enclave", function () {
    this.timeout(60_000);
    let world: GatewayWorld;
    let enclave: Enclave | undefined;
    /** A SIMULATED enclave that runs the model, registered for the gateway's executor. */
    const prepare = async (executor: ActingOn) => {
        enclave = createEnclave({
            settings: { port: 0, models: [modelFile("argmax-8-4-2.onnx")], provider: { name: "dev" }, form: "tdx" },
            engines: { createSession },
            packages: [PACKAGE],
            env: {},
            execArgv: [],
            log: pino({ level: "silent" }),
        });
        const { url } = await enclave.start();
        await registerEnclave(executor, { client: createEnclaveClient({ url }) });
        return { enclaves: [url] };
    };
    before(async () => {
        world = await createGatewayWorld({ prepare });
    });
    after(async () => {
        await world?.close();
        await enclave?.stop();
    });

    const report = (query: string) => world.get(`/v1/attestation/report?model=${query}`);

    it("shows the document of its key, and that the key is alive now", async () => {
        const nonce = randomBytes(32).toString("hex");

        const body = await jsonOf(report(`argmax-8-4-2&nonce=${nonce}`));
        const [first] = body.model_attestations;
        const { signature, blockNumber } = first.liveness;
        const { chainId, contracts } = world.chain.world.deployment;
        const digest = heartbeatDigest({
            chainId,
            registry: contracts.TeeRegistry,
            enclaveId: first.info.enclaveId,
            blockHash: `0x${nonce}`,
            blockNumber: BigInt(blockNumber),
        });

        expect(body).to.include({ signing_address: first.signing_address, gateway_attestation: null });
        expect(first).to.include({ model_name: "argmax-8-4-2", signing_algo: "ecdsa", request_nonce: nonce });
        expect(first.intel_quote).to.match(/^[0-9a-f]{1000,}$/);
        expect(first.info).to.include({ family: "TEE_TDX", claimClass: "COMPUTE", simulated: true });
        expect(recoverSigner({ digest, signature })).to.equal(first.signing_address);
    });

    it("shows the one that is asked for, or none", async () => {
        const { signing_address } = await jsonOf(report("argmax-8-4-2"));
        const same = await report(`argmax-8-4-2&signing_address=${signing_address}`);
        const other = await report(`argmax-8-4-2&signing_address=0x${"11".repeat(20)}`);

        expect(same.status).to.equal(200);
        expect(other.status).to.equal(404);
    });

    it("shows none for a model that no enclave serves", async () => {
        const response = await report("tiny-text");

        expect(response.status).to.equal(404);
        expect((await jsonOf(response)).error.code).to.equal("GATEWAY_ATTESTATION_NONE");
    });

    it("has an answer attested, for whoever pays for it", async () => {
        const buyer = await world.aBuyer();
        const body = JSON.stringify({ ...INFER, verification: { levels: ["signed", "tee"] } });

        const answered = await jsonOf(buyer.fetch(`${world.url}/v1/infer`, { method: "POST", body }));
        const { receipt } = await jsonOf(world.get(`/v1/receipts/${answered.id}`));
        const verdict = verifyReceipt({ receipt });

        expect(answered.receipt).to.include({ policy: "SIGNED_AND_TEE" });
        expect(answered.receipt.families).to.deep.equal(["SIGNED", "TEE_TDX"]);
        expect(verdict).to.include({ code: "ACCEPTED", policyMet: true });
        expect(verdict.warnings.map(({ code }) => code)).to.include("RECEIPT_SIMULATED");
        expect(await world.balanceOf(buyer.address)).to.equal(1_000_000n - 3_000n);
    });
});
