import {
    createEnclaveClient,
    type EnclaveClient,
    keepRegistered,
    registerEnclave,
    sendHeartbeat,
} from "@assay/enclave";
import { FAMILIES, keccak256, ProtocolError, toHex, ZERO_BYTES32 } from "@assay/protocol";
import { contractsOf } from "@assay/sdk";
import { expect } from "chai";
import { lookOnce } from "../../../offchain/enclave/operator/keepRegistered.ts";
import { createWorld as createChain } from "../sdk/_world.ts";
import { rejection } from "./_rejection.ts";
import { startEnclave } from "./_world.ts";

/** Certificates and documents are verified on chain, by P-384 in plain EVM. */
const REGISTER_TIMEOUT_MS = 60_000;

describe("an enclave's operator", function () {
    this.timeout(REGISTER_TIMEOUT_MS);
    let chain: Awaited<ReturnType<typeof createChain>>;
    let now: number;
    const closing: (() => Promise<void>)[] = [];

    before(async () => {
        chain = await createChain();
        now = await chain.networkHelpers.time.latest();
    });
    afterEach(async () => {
        for (const close of closing.splice(0)) await close();
    });

    async function anEnclave(form: "nitro" | "tdx" = "nitro") {
        now = await chain.networkHelpers.time.latest();
        const world = await startEnclave({ settings: { form }, now: () => now });
        closing.push(world.close);
        const { deployment, provider, executor: signer } = chain;
        const deps = { deployment, provider, signer };
        return { world, deps, client: createEnclaveClient({ url: world.url }) };
    }
    const enclaves = () => contractsOf({ deployment: chain.deployment, runner: chain.provider }).enclaves;

    for (const [form, family] of [
        ["nitro", FAMILIES.TEE_NITRO],
        ["tdx", FAMILIES.TEE_TDX],
    ] as const) {
        it(`registers an enclave with documents in ${form} form`, async () => {
            const { deps, client, world } = await anEnclave(form);

            const registered = await registerEnclave(deps, { client });

            const key = await enclaves().keyOf(registered.enclaveId, family, chain.executor.address);
            expect(toHex(key.signer)).to.equal(registered.signer);
            expect(key.measurementId).to.equal(registered.measurementId);
            expect(key.simulated).to.equal(true);
            expect((await world.get("/v1/enclave")).body.signer).to.equal(registered.signer);
        });
    }

    it("renews under a new key, which signs only when it is registered", async () => {
        const { deps, client, world } = await anEnclave();
        const first = await registerEnclave(deps, { client });
        const seen: string[] = [];
        const watched: EnclaveClient = {
            ...client,
            activate: async (parts) => {
                seen.push((await world.get("/v1/enclave")).body.signer);
                return client.activate(parts);
            },
        };

        const second = await registerEnclave(deps, { client: watched });

        expect(seen).to.deep.equal([first.signer]);
        expect((await world.get("/v1/enclave")).body.signer).to.equal(second.signer);
        expect(second.measurementId).to.equal(first.measurementId);
        const { keyEpoch: before } = await enclaves().enclave(first.enclaveId);
        expect((await enclaves().enclave(second.enclaveId)).keyEpoch).to.equal(before + 1n);
    });

    it("registers again when the enclave never heard of its first registration", async () => {
        const { deps, client } = await anEnclave();
        const lost = new Error("the connection is lost");
        const deaf: EnclaveClient = { ...client, activate: () => Promise.reject(lost) };
        expect(await rejection(registerEnclave(deps, { client: deaf }))).to.equal(lost);
        const { signer: before } = await client.describe();

        const registered = await registerEnclave(deps, { client });

        expect(registered.signer).to.not.equal(before);
        expect(await enclaves().enclaveOf(before)).to.not.equal(ZERO_BYTES32);
    });

    it("sends heartbeats, and renews before the end", async () => {
        const { deps, client } = await anEnclave();
        const registered = await registerEnclave(deps, { client, heartbeatSeconds: 600 });
        const { validUntil } = await enclaves().enclave(registered.enclaveId);
        const parts = { client, heartbeatSeconds: 600, registered };

        expect(await lookOnce(deps, parts)).to.equal(registered);
        await chain.networkHelpers.time.increase(400);
        expect(await lookOnce(deps, parts)).to.equal(registered);
        const heard = await enclaves().enclave(registered.enclaveId);
        expect(heard.validUntil > validUntil).to.equal(true);
        await chain.networkHelpers.time.increase(700);
        now = await chain.networkHelpers.time.latest();
        const told: string[] = [];
        const renewed = await lookOnce(deps, { ...parts, progress: (line) => told.push(line) });

        expect(told[0]).to.match(/^registers anew: not valid since \d{4}-\d\d-\d\dT\S+Z/);
        expect(renewed.enclaveId).to.not.equal(registered.enclaveId);
    });

    it("goes on when an enclave is away for a while, and ends with a fault that stays", async () => {
        const { deps, client } = await anEnclave();
        const registered = await registerEnclave(deps, { client, heartbeatSeconds: 600 });
        await chain.networkHelpers.time.increase(400);
        const told: string[] = [];
        const away = new ProtocolError({ code: "ENCLAVE_UNREACHABLE" });
        const other = new ProtocolError({ code: "ENCLAVE_REFUSED" });
        const faults = [away, other];
        const faulty: EnclaveClient = { ...client, heartbeat: () => Promise.reject(faults.shift()) };
        const { signal } = new AbortController();

        const parts = {
            client: faulty,
            registered,
            signal,
            intervalMs: 1,
            progress: (line: string) => told.push(line),
        };
        const error = await rejection(keepRegistered(deps, parts));

        expect(error).to.equal(other);
        expect(told).to.deep.equal([away.message]);
    });

    it("tells that an enclave does not answer, though nothing is due", async () => {
        const { deps, client } = await anEnclave();
        const registered = await registerEnclave(deps, { client });
        const controller = new AbortController();
        const told: string[] = [];
        const away = new ProtocolError({ code: "ENCLAVE_UNREACHABLE" });
        const dead: EnclaveClient = { ...client, describe: () => Promise.reject(away) };
        const progress = (line: string) => {
            told.push(line);
            controller.abort();
        };

        const parts = { client: dead, registered, signal: controller.signal, intervalMs: 1, progress };
        expect(await keepRegistered(deps, parts)).to.equal(registered);

        expect(told).to.deep.equal([away.message]);
    });

    it("registers anew an enclave that lost its key, and says why", async () => {
        const { deps, client } = await anEnclave("tdx");
        const before = await registerEnclave(deps, { client });
        const restarted = await anEnclave("tdx");
        const told: string[] = [];
        const progress = (line: string) => told.push(line);

        const after = await lookOnce(deps, { client: restarted.client, registered: before, progress });

        expect(after.signer).to.equal((await restarted.client.describe()).signer);
        expect(told[0]).to.include(`not ${before.signer}, as if it had been started anew`);
    });

    it("ends when it is told to", async () => {
        const { deps, client } = await anEnclave();
        const registered = await registerEnclave(deps, { client });
        const controller = new AbortController();
        const keeping = keepRegistered(deps, { client, registered, signal: controller.signal });

        controller.abort();

        expect(await keeping).to.equal(registered);
    });

    it("refuses a heartbeat of an enclave that no document speaks of", async () => {
        const { deps, client } = await anEnclave();

        const error = await rejection(sendHeartbeat(deps, { client, enclaveId: keccak256(Uint8Array.of(1)) }));

        expect(error).to.have.property("code", "ENCLAVE_REFUSED");
        expect(error)
            .to.have.property("message")
            .that.matches(
                /ENCLAVE_ID_UNKNOWN: .*key was never bound to an enclave.* Name the enclaveId of a registration/,
            );
    });

    it("refuses another measurement than the one that was built", async () => {
        const { deps, client } = await anEnclave();
        const expectedMeasurementId = keccak256(Uint8Array.of(2));

        const error = await rejection(registerEnclave(deps, { client, expectedMeasurementId }));

        expect(error).to.have.property("code", "ENCLAVE_MEASUREMENT_OTHER");
        expect(error).to.have.property("message").that.includes(`, not ${expectedMeasurementId}.`);
    });

    const LIES: [string, (answer: Answer) => Answer, string][] = [
        [
            "a possession by another key",
            (answer) => ({ ...answer, binding: { ...answer.binding, signer: `0x${"77".repeat(20)}` } }),
            "ENCLAVE_ANSWER_INVALID",
        ],
        [
            "claims that the document does not bind",
            (answer) => ({
                ...answer,
                binding: { ...answer.binding, claims: { ...answer.binding.claims, claimClass: 2 } },
            }),
            "ENCLAVE_ANSWER_INVALID",
        ],
        [
            "a signature that is none",
            (answer) => ({ ...answer, possession: `0x${"00".repeat(65)}` }),
            "ENCLAVE_ANSWER_INVALID",
        ],
        [
            "a cut document",
            (answer) => ({ ...answer, document: answer.document.slice(1) }),
            "ENCLAVE_ATTESTATION_INVALID",
        ],
    ];
    for (const [what, change, code] of LIES) {
        it(`does not spend gas on ${what}`, async () => {
            const { deps, client } = await anEnclave();
            const lying: EnclaveClient = { ...client, attest: async (request) => change(await client.attest(request)) };

            const error = await rejection(registerEnclave(deps, { client: lying }));

            expect(error).to.have.property("code", code);
            expect(await enclaves().enclaveOf((await client.describe()).signer)).to.equal(ZERO_BYTES32);
        });
    }
});

type Answer = Awaited<ReturnType<EnclaveClient["attest"]>>;
