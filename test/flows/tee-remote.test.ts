/** Somebody else's model behind an API: a SIMULATED enclave forwards, and everybody is told that it did no more than that. */
import { createServer } from "node:http";
import {
    bytesToHex,
    canonicalJson,
    encodeTee,
    type Hex,
    hashOfText,
    hexToBytes,
    keccak256,
    remoteDigestOf,
    SEMANTICS,
    type Statement,
    schemaHashOf,
    toHex,
    verifyReceipt,
    ZERO_BYTES32,
} from "@assay/protocol";
import {
    attestationRecordOf,
    enclaveFactsAt,
    type PreparedRequest,
    readChainState,
    receiptFromChain,
} from "@assay/sdk";
import { expect } from "chai";
import { z } from "zod";
import { receiptText } from "../../offchain/cli/receipt/receiptText.ts";
import { REMOTE_SCHEMA } from "../../offchain/enclave/core/remoteModels.ts";
import { createEnclaveClient } from "../../offchain/executor/shell/enclaves/client.ts";
import { createTeeWorld, type TeeWorld } from "./_teeWorld.ts";

/** Registering a Nitro document verifies five P-384 signatures in plain EVM. */
const SETUP_TIMEOUT_MS = 60_000;
const MODEL = "small-1";
const ANSWER = {
    model: MODEL,
    choices: [{ message: { role: "assistant", content: "An assay tells gold from lead." } }],
};
const QUESTION = new TextEncoder().encode(
    canonicalJson({ model: MODEL, messages: [{ role: "user", content: "What is an assay?" }], salt: "5a".repeat(16) }),
);

describe("flow: TEE, in front of an API", () => {
    let world: TeeWorld;
    let upstream: Awaited<ReturnType<typeof startUpstream>>;
    let gateway: Awaited<ReturnType<typeof aGateway>>;
    let modelId: Hex;
    before(async function () {
        this.timeout(SETUP_TIMEOUT_MS);
        world = await createTeeWorld();
        upstream = await startUpstream();
        gateway = await aGateway();
        modelId = await registered();
    });
    after(async () => {
        upstream.close();
        await world.close();
    });

    async function aGateway() {
        const enclave = await world.startEnclave({ form: "tdx", upstream: { url: upstream.url, models: [MODEL] } });
        return { ...enclave, ...(await world.register(enclave)) };
    }
    /** The version that stands for the API's model; its owner names the gateway's code. */
    async function registered(): Promise<Hex> {
        const spec = {
            artifactDigest: remoteDigestOf({ host: upstream.host, model: MODEL }),
            ioSpec: 0n,
            schemaHash: schemaHashOf(REMOTE_SCHEMA),
            semantics: SEMANTICS.REMOTE,
            vkHash: ZERO_BYTES32,
            derivedFrom: ZERO_BYTES32,
        };
        const { family, measurementId } = gateway;
        const publication = { uri: "", measurements: [{ family, measurementId }] };
        const known = { input: "0x", output: "0x", proof: Array(8).fill(0n), c: 0n };
        const call = [spec, { kind: 0, transcriptHash: ZERO_BYTES32 }, "0x", known, publication] as const;
        const { models } = world.asOwner;
        const found = toHex(await models.register.staticCall(...call));
        await models.register(...call);
        return found;
    }
    const registration = () => ({ owner: toHex(world.owner.address), derivedFrom: ZERO_BYTES32 });

    /** Has the enclave forward the question. */
    async function answered(): Promise<Uint8Array> {
        const body = JSON.stringify({ modelId, input: bytesToHex(QUESTION), registration: registration() });
        const response = await fetch(new URL("/v1/run", gateway.url), { method: "POST", body });
        const { output, resultCode } = ran.parse(await response.json());
        expect(resultCode).to.equal(0);
        return hexToBytes(toHex(output));
    }
    async function stated(request: PreparedRequest, output: Uint8Array): Promise<Statement> {
        return {
            requestId: request.requestId,
            modelId,
            configHash: ZERO_BYTES32,
            inputHash: keccak256(QUESTION),
            outputHash: keccak256(output),
            contextHash: ZERO_BYTES32,
            executor: world.executorAddress,
            issuedAt: BigInt(await world.networkHelpers.time.latest()),
            round: 0n,
            resultCode: 0n,
        };
    }
    async function signed({
        statement,
        output,
        url = gateway.url,
    }: {
        statement: Statement;
        output: Uint8Array;
        url?: string;
    }) {
        return createEnclaveClient({ url, fetch }).sign({
            chainId: world.deployment.chainId,
            gate: world.deployment.contracts.EvidenceGate,
            statement,
            input: bytesToHex(QUESTION),
            output: bytesToHex(output),
            registration: registration(),
            signal: new AbortController().signal,
        });
    }

    it("delivers what the API said, attested as forwarded and never as computed", async () => {
        const request = await world.ask({ modelId, input: QUESTION });
        const output = await answered();
        const statement = await stated(request, output);
        const { family, enclaveId } = gateway;
        const item = encodeTee({ family, enclaveId, signature: await signed({ statement, output }) });
        const { salt, terms } = request;
        const key = { requester: world.requester.address, salt, terms: { ...terms, executors: [...terms.executors] } };

        await world.asOperator.hub.fulfil(key, { statement, input: new Uint8Array(), output }, [item]);

        expect(new TextDecoder().decode(output)).to.equal(canonicalJson(ANSWER));
        const { provider, deployment } = world;
        const receipt = await receiptFromChain({ provider, deployment, requestId: request.requestId });
        const chainState = await readChainState({ provider, deployment }, receipt);
        const verdict = verifyReceipt({ receipt, chainState });
        expect(verdict).to.include({ code: "ACCEPTED", policyMet: true });
        const proven = verdict.proven.map(({ text }) => text).join();
        expect(proven).to.include("GATEWAY, which says that it only forwarded").and.not.include("COMPUTE");
        expect(receiptText(receipt)).to.include("SIMULATED").and.include("GATEWAY, it only forwarded");
        expect(upstream.asked()).to.equal(1);
    });

    it("names the host that it forwards to in what is attested", async () => {
        const at = {
            blockNumber: await world.provider.getBlockNumber(),
            timestamp: await world.networkHelpers.time.latest(),
        };
        const facts = await enclaveFactsAt(world, { enclaveId: gateway.enclaveId, modelId, at });
        const record = await attestationRecordOf(world, gateway);

        expect(facts).to.include({ claimClass: "GATEWAY", standing: "live", mayAttest: true });
        expect(record?.upstreamHash).to.equal(hashOfText(upstream.host));
    });

    it("signs nothing that the API did not say, and a computing enclave signs nothing for it", async () => {
        const request = await world.ask({ modelId, input: QUESTION });
        const output = new TextEncoder().encode(canonicalJson({ ...ANSWER, choices: [] }));
        const statement = await stated(request, output);

        const refusals = await Promise.allSettled([
            signed({ statement, output }),
            signed({ statement, output, url: world.tdx.url }),
        ]);

        const messages = refusals.map((one) => (one.status === "rejected" ? String(one.reason) : "signed"));
        expect(messages[0]).to.include("ENCLAVE_ANSWER_UNKNOWN");
        expect(messages[1]).to.include("ENCLAVE_MODEL_UNKNOWN");
    });
});

const ran = z.object({ output: z.string(), resultCode: z.number() });

/** An API that always says the same. */
async function startUpstream() {
    let asked = 0;
    const server = createServer((_request, response) => {
        asked += 1;
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(ANSWER));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    const host = `127.0.0.1:${typeof bound === "object" ? bound?.port : 0}`;
    const close = () => {
        server.close();
        server.closeAllConnections();
    };
    return { url: `http://${host}/v1`, host, asked: () => asked, close };
}
