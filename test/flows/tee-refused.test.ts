/** What the gate refuses of enclaves: items that say something else, and enclaves that do not count (any more). */
import {
    CLAIM_CLASSES,
    type Evidence,
    FAMILIES,
    type Hex,
    keccak256,
    maskOf,
    PRESENT_BITS,
    PRESETS,
    recoverSigner,
    SEMANTICS,
    type Statement,
    statementDigest,
    toHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { anyValue } from "@nomicfoundation/hardhat-ethers-chai-matchers/withArgs";
import { expect } from "chai";
import { id } from "ethers";
import { classBytes, type ForgedModel, forgedModel } from "../support/forgedModel.ts";
import { attest, type HeldEnclave, type HeldEnclaveWish, registerHeldEnclave } from "../support/heldEnclave.ts";
import { CHAIN_ID, FEE_WEI, type OpenRequest, sharedWorld, type World } from "./_world.ts";

const { TEE_NITRO, TEE_TDX } = FAMILIES;
const { COMPUTE, GATEWAY } = CLAIM_CLASSES;
const [RETIRED, COMPROMISED] = [1, 2];
const EnclaveState = { Retired: 2, Compromised: 3 };
const DAY_SECONDS = 86_400;
const TOLD_LATER = { name: "another enclave", codeHash: toHex(id("other code")) };

describe("flow: TEE, refused", () => {
    const shared = sharedWorld();
    let world: World;
    let registry: Governed["registry"];
    let policy: Governed["policy"];
    let router: Governed["router"];
    let enclave: HeldEnclave;
    let modelId: Hex;
    let model: ForgedModel;

    beforeEach(async () => {
        world = shared();
        ({ registry, policy, router } = await governed(world));
        enclave = await anEnclave();
        ({ modelId, model } = await aModel([enclave]));
    });

    async function anEnclave(wish: HeldEnclaveWish = {}, operator = world.executor): Promise<HeldEnclave> {
        const at = await world.networkHelpers.time.latest();
        return registerHeldEnclave({ registry, operator, at }, wish);
    }
    /** A version that the code of these enclaves may attest from the start. */
    async function aModel(enclaves: readonly HeldEnclave[], seed = 5): Promise<{ modelId: Hex; model: ForgedModel }> {
        const model = forgedModel({ seed, inputs: 64 });
        const measurements = enclaves.map(({ family, measurementId }) => ({ family, measurementId }));
        await world.models.register(model.spec, model.setup, model.key, model.known, { uri: "", measurements });
        return { modelId: model.modelIdFor(toHex(world.owner.address)), model };
    }
    const open = (salt?: Hex) => world.open({ modelId, policy: PRESETS.TEE }, salt);
    const state = (request: OpenRequest, wish: Partial<Statement> = {}) =>
        world.stateOf({ requestId: request.requestId, modelId, ...wish });
    const item = (statement: Statement, by = enclave) => attest(by, { statement, gate: world.addresses.gate });
    /** Delivers an answer that an enclave attested. */
    async function delivered({ by = enclave, request }: { by?: HeldEnclave; request?: OpenRequest } = {}) {
        const asked = request ?? (await open());
        const statement = await state(asked);
        return world.fulfil(asked, { statement, evidence: [item(statement, by)] });
    }
    /** Asks the gate alone. */
    const verified = (statement: Statement, evidence: Evidence[]) =>
        world.gate.verify(
            {
                statement,
                input: new Uint8Array(),
                output: statement.resultCode === 0n ? classBytes(7) : new Uint8Array(),
            },
            { executors: [], minStakeWei: 0n },
            evidence,
        );

    it("takes what an enclave of the model signed", async () => {
        const request = await open();
        const statement = await state(request);

        expect(await verified(statement, [item(statement)])).to.equal(
            BigInt(maskOf([TEE_TDX, PRESENT_BITS.SIMULATED])),
        );
        await expect(delivered({ request })).to.emit(world.hub, "Delivered");
    });

    it("takes a failure that an enclave signed, and refunds", async () => {
        const request = await open();
        const statement = await state(request, { resultCode: 1n, outputHash: ZERO_BYTES32 });
        const output = new Uint8Array();

        await expect(world.fulfil(request, { statement, output, evidence: [item(statement)] })).to.emit(
            world.hub,
            "Errored",
        );
    });

    describe("when it is asked for", () => {
        const askFor = (asked: Hex, salt = toHex(id("another salt"))) =>
            world.open({ modelId: asked, policy: PRESETS.TEE }, salt);

        it("refuses at once when the owner named no code", async () => {
            await expect(askFor(world.digits.modelId))
                .to.be.revertedWithCustomError(world.gate, "PolicyCannotBeMet")
                .withArgs(PRESETS.TEE);
        });

        it("refuses for a day after code was named, and takes its enclaves then", async () => {
            const { modelId: unnamed } = await aModel([], 6);
            await world.models.nameMeasurement(unnamed, enclave);
            const named = await world.networkHelpers.time.latest();

            await expect(askFor(unnamed)).to.be.revertedWithCustomError(world.gate, "PolicyCannotBeMet");
            await world.networkHelpers.time.increaseTo(named + DAY_SECONDS);
            modelId = unnamed;

            await expect(delivered()).to.emit(world.hub, "Delivered");
        });

        it("refuses when the named code was revoked, or the verifier stopped", async () => {
            await policy.restrictMeasurement(enclave.measurementId, RETIRED, 0);
            await expect(askFor(modelId)).to.be.revertedWithCustomError(world.gate, "PolicyCannotBeMet");

            const { modelId: other } = await aModel([await anEnclave(TOLD_LATER)], 7);
            await router.stop(enclave.selector);
            await expect(askFor(other)).to.be.revertedWithCustomError(world.gate, "PolicyCannotBeMet");
        });
    });

    describe("refuses an item", () => {
        /** What the gate makes of an item that was signed for another digest. */
        async function expectMismatch({ brought, evidence }: { brought: Statement; evidence: Evidence }) {
            const digest = statementDigest({ chainId: CHAIN_ID, gate: world.addresses.gate, statement: brought });
            const [, signature] = world.ethers.AbiCoder.defaultAbiCoder().decode(["bytes32", "bytes"], evidence.data);
            await expect(verified(brought, [evidence]))
                .to.be.revertedWithCustomError(registry, "SignerMismatch")
                .withArgs(enclave.key.address, (recovered: string) => {
                    return recovered.toLowerCase() === recoverSigner({ digest, signature });
                });
        }
        const others: Record<string, Partial<Statement>> = {
            request: { requestId: toHex(id("another request")) },
            input: { inputHash: toHex(id("another input")) },
            round: { round: 1n },
            time: { issuedAt: 1n },
            configuration: { configHash: toHex(id("a configuration")) },
            context: { contextHash: toHex(id("a context")) },
        };
        for (const [what, change] of Object.entries(others)) {
            it(`that was signed for another ${what}`, async () => {
                const statement = await state(await open());
                await expectMismatch({ brought: statement, evidence: item({ ...statement, ...change }) });
            });
        }

        it("that was signed for another output", async () => {
            const statement = await state(await open());
            const signed = { ...statement, outputHash: keccak256(classBytes(3)) };
            await expectMismatch({ brought: statement, evidence: item(signed) });
        });

        it("that was signed for another chain, or another gate", async () => {
            const statement = await state(await open());
            const { gate, hub } = world.addresses;
            await expectMismatch({ brought: statement, evidence: attest(enclave, { statement, gate, chainId: 1 }) });
            await expectMismatch({ brought: statement, evidence: attest(enclave, { statement, gate: hub }) });
        });

        it("that was delivered before, for another request", async () => {
            const first = await open();
            const statement = await state(first);
            const evidence = item(statement);
            await world.fulfil(first, { statement, evidence: [evidence] });
            const second = await open(toHex(id("second")));

            const again = world.fulfil(second, { statement: await state(second), evidence: [evidence] });

            await expect(again).to.be.revertedWithCustomError(registry, "SignerMismatch");
            await expect(world.fulfil(second, { statement, evidence: [evidence] })).to.be.revertedWithCustomError(
                world.gate,
                "StatementMismatch",
            );
        });

        it("that somebody else brings as his own answer", async () => {
            const request = await open();
            const statement = await state(request, { executor: toHex(world.stranger.address) });
            await expect(verified(statement, [item(statement)]))
                .to.be.revertedWithCustomError(registry, "OperatorMismatch")
                .withArgs(enclave.enclaveId, world.stranger.address, world.executor.address);
        });

        it("of another family than its enclave's", async () => {
            const statement = await state(await open());
            const passed = { ...item(statement), family: TEE_NITRO };
            await expect(verified(statement, [passed]))
                .to.be.revertedWithCustomError(registry, "FamilyMismatch")
                .withArgs(enclave.enclaveId, TEE_NITRO, TEE_TDX);
        });

        it("that has another form, or the other form of its signature", async () => {
            const statement = await state(await open());
            const { data } = item(statement);
            const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
            const [signedBy, signature] = world.ethers.AbiCoder.defaultAbiCoder().decode(["bytes32", "bytes"], data);
            const { r, s, v } = world.ethers.Signature.from(signature);
            const highS = world.ethers.toBeHex(order - BigInt(s), 32);
            const flipped = world.ethers.concat([r, highS, v === 27 ? "0x1c" : "0x1b"]);
            const encoded = world.ethers.AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes"], [signedBy, flipped]);

            await expect(verified(statement, [{ family: TEE_TDX, data: `${data}00` }]))
                .to.be.revertedWithCustomError(world.gate, "EvidenceMalformed")
                .withArgs(TEE_TDX);
            await expect(verified(statement, [{ family: TEE_TDX, data: toHex(encoded) }]))
                .to.be.revertedWithCustomError(registry, "SignatureNotCanonical")
                .withArgs(highS, v === 27 ? 28 : 27);
        });

        it("alone, where two vendors are asked for", async () => {
            const statement = await state(await open());
            const signers = { executors: [], minStakeWei: 0n };
            const ask = { modelId, configHash: ZERO_BYTES32, policy: PRESETS.ZK_OR_TWO_TEE_VENDORS, signers };
            const answer = { statement, input: new Uint8Array(), output: classBytes(7) };
            await expect(world.gate.check(answer, ask, [item(statement)]))
                .to.be.revertedWithCustomError(world.gate, "PolicyNotMet")
                .withArgs(PRESETS.ZK_OR_TWO_TEE_VENDORS, maskOf([TEE_TDX, PRESENT_BITS.SIMULATED]));
        });
    });

    describe("refuses an enclave", () => {
        it("that nobody registered", async () => {
            const unknown = { ...enclave, enclaveId: toHex(id("unknown")) };
            await expect(delivered({ by: unknown }))
                .to.be.revertedWithCustomError(registry, "EnclaveUnknown")
                .withArgs(unknown.enclaveId);
        });

        it("of another operator", async () => {
            const theirs = await anEnclave({ name: "theirs" }, world.stranger);
            await expect(delivered({ by: theirs }))
                .to.be.revertedWithCustomError(registry, "OperatorMismatch")
                .withArgs(theirs.enclaveId, world.executor.address, world.stranger.address);
        });

        it("that only forwards, for a model with an artifact", async () => {
            const claims = { claimClass: GATEWAY, upstreamHash: toHex(id("host")) };
            const gateway = await anEnclave({ name: "gateway", claims, keyEpoch: 2n });
            await expect(delivered({ by: gateway }))
                .to.be.revertedWithCustomError(world.gate, "ClaimClassMismatch")
                .withArgs(gateway.enclaveId, COMPUTE, GATEWAY);
        });

        it("that runs models, for a model behind an API", async () => {
            const spec = { ...model.spec, semantics: SEMANTICS.REMOTE, vkHash: ZERO_BYTES32, ioSpec: 0n };
            const known = { input: "0x", output: "0x", proof: Array(8).fill(0n), c: 0n };
            const setup = { kind: 0, transcriptHash: ZERO_BYTES32 };
            const publication = { uri: "", measurements: [enclave] };
            const remote = toHex(await world.models.register.staticCall(spec, setup, "0x", known, publication));
            await world.models.register(spec, setup, "0x", known, publication);
            const statement = { ...(await state(await open())), modelId: remote };

            await expect(verified(statement, [item(statement)]))
                .to.be.revertedWithCustomError(world.gate, "ClaimClassMismatch")
                .withArgs(enclave.enclaveId, GATEWAY, COMPUTE);
        });

        it("whose code the owner of the model did not name, or named less than a day ago", async () => {
            const other = await anEnclave(TOLD_LATER);
            const refused = async () =>
                expect(delivered({ by: other, request: await open(toHex(id(String(refusals++)))) }))
                    .to.be.revertedWithCustomError(world.gate, "MeasurementNotAllowed")
                    .withArgs(modelId, TEE_TDX, other.measurementId);
            let refusals = 0;
            await refused();
            await world.models.nameMeasurement(modelId, other);
            await refused();
        });

        it("whose code the owner un-named, at once", async () => {
            const request = await open();
            await world.models.unnameMeasurement(modelId, enclave);
            await expect(delivered({ request }))
                .to.be.revertedWithCustomError(world.gate, "MeasurementNotAllowed")
                .withArgs(modelId, TEE_TDX, enclave.measurementId);
        });

        it("that its operator retired, or reported compromised", async () => {
            const enclaves = registry.connect(world.executor);
            const request = await open();
            await enclaves.retire(enclave.enclaveId);
            await expect(delivered({ request }))
                .to.be.revertedWithCustomError(enclaves, "EnclaveNotActive")
                .withArgs(enclave.enclaveId, EnclaveState.Retired);
            await enclaves.reportCompromised(enclave.enclaveId);
            await expect(delivered({ request }))
                .to.be.revertedWithCustomError(enclaves, "EnclaveNotActive")
                .withArgs(enclave.enclaveId, EnclaveState.Compromised);
        });

        it("that has expired", async () => {
            await world.networkHelpers.time.increaseTo(enclave.notAfter + 1n);
            await expect(delivered())
                .to.be.revertedWithCustomError(registry, "EnclaveExpired")
                .withArgs(enclave.enclaveId, enclave.notAfter, anyValue);
        });

        it("that was silent for longer than it may be", async () => {
            const silent = await anEnclave({ name: "silent", heartbeatSeconds: 600, keyEpoch: 2n });
            await expect(delivered({ by: silent })).to.emit(world.hub, "Delivered");
            await world.networkHelpers.time.increaseTo(silent.validUntil + 1n);
            await expect(delivered({ by: silent, request: await open(toHex(id("later"))) }))
                .to.be.revertedWithCustomError(registry, "HeartbeatMissed")
                .withArgs(silent.enclaveId, silent.validUntil, anyValue);
        });

        it("whose verifier was stopped", async () => {
            const request = await open();
            await router.stop(enclave.selector);
            await expect(delivered({ request }))
                .to.be.revertedWithCustomError(registry, "VerifierNotCurrent")
                .withArgs(enclave.enclaveId, enclave.selector, "0x00000000");
        });

        it("whose verifier was replaced", async () => {
            const [current, gasCap] = await router.current(TEE_TDX);
            const next = await world.ethers.deployContract("SimulatedTdxVerifier", [policy]);
            const selector = await router.propose.staticCall(TEE_TDX, next, gasCap);
            await router.propose(TEE_TDX, next, gasCap);
            await world.networkHelpers.time.increase(await router.delaySeconds());
            await router.activate(selector);

            expect(await next.getAddress()).to.not.equal(current);
            await expect(delivered())
                .to.be.revertedWithCustomError(registry, "VerifierNotCurrent")
                .withArgs(enclave.enclaveId, enclave.selector, selector);
        });

        for (const [name, standing] of [
            ["retired", RETIRED],
            ["compromised", COMPROMISED],
        ] as const) {
            it(`whose code is ${name}`, async () => {
                const request = await open();
                await policy.restrictMeasurement(enclave.measurementId, standing, 0);
                await expect(delivered({ request }))
                    .to.be.revertedWithCustomError(registry, "MeasurementRevoked")
                    .withArgs(enclave.measurementId, standing);
            });
        }

        it("whose code may not be registered that long any more", async () => {
            const { registeredAt } = await registry.enclave(enclave.enclaveId);
            const request = await open();
            await policy.restrictMeasurement(enclave.measurementId, 0, 60);
            await world.networkHelpers.time.increaseTo(registeredAt + 61n);
            await expect(delivered({ request }))
                .to.be.revertedWithCustomError(registry, "EnclaveExpired")
                .withArgs(enclave.enclaveId, registeredAt + 60n, anyValue);
        });

        for (const [at, what] of ["root", "intermediate certificate", "certificate", "platform", "key"].entries()) {
            it(`whose ${what} was revoked`, async () => {
                const trait = enclave.traits[at] ?? "";
                const request = await open();
                await policy.revoke(trait, COMPROMISED);
                await expect(delivered({ request }))
                    .to.be.revertedWithCustomError(policy, "TraitRevoked")
                    .withArgs(trait, COMPROMISED);
            });
        }

        it("in none of these ways when something else was revoked", async () => {
            const request = await open();
            await policy.revoke(toHex(id("another certificate")), COMPROMISED);
            await policy.restrictMeasurement(toHex(id("other code")), RETIRED, 0);

            await expect(delivered({ request })).to.emit(world.hub, "Delivered");
            expect(await world.hub.creditOf(world.executor, world.ethers.ZeroAddress)).to.equal(FEE_WEI);
        });
    });
});

type Governed = Awaited<ReturnType<typeof governed>>;

/** The contracts that decide about enclaves. */
async function governed({ ethers, gate }: World) {
    const registry = await ethers.getContractAt("TeeRegistry", await gate.enclaves());
    const policy = await ethers.getContractAt("AttestationPolicy", await registry.policy());
    const router = await ethers.getContractAt("VerifierRouter", await gate.router());
    return { registry, policy, router };
}
