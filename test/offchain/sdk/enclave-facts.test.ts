import { type Hex, heartbeatDigest, keccak256, SEMANTICS, toHex, ZERO_BYTES32 } from "@assay/protocol";
import { attestationRecordOf, enclaveFactsAt } from "@assay/sdk";
import { expect } from "chai";
import { id } from "ethers";
import { type HeldEnclave, type HeldEnclaveWish, registerHeldEnclave } from "../../support/heldEnclave.ts";
import { faultOf } from "../executor/_faults.ts";
import { createWorld } from "./_world.ts";

const [RETIRED, COMPROMISED] = [1, 2];
const DAY_SECONDS = 86_400;
const HEARTBEAT_SECONDS = 600;

describe("enclave facts, replayed from events", () => {
    let world: Awaited<ReturnType<typeof deployed>>;
    let enclave: HeldEnclave;
    let modelId: Hex;
    let count = 0;
    let reset: () => Promise<void>;
    before(async () => {
        world = await deployed();
        const snapshot = await world.networkHelpers.takeSnapshot();
        reset = () => snapshot.restore();
    });
    afterEach(() => reset());
    beforeEach(async () => {
        enclave = await anEnclave();
        modelId = await aModel([enclave]);
    });

    async function deployed() {
        const chain = await createWorld();
        const { ethers, deployment } = chain;
        const { contracts } = deployment;
        return {
            ...chain,
            registry: await ethers.getContractAt("TeeRegistry", contracts.TeeRegistry),
            policy: await ethers.getContractAt("AttestationPolicy", contracts.AttestationPolicy),
            router: await ethers.getContractAt("VerifierRouter", contracts.VerifierRouter),
            models: await ethers.getContractAt("ModelRegistry", contracts.ModelRegistry),
        };
    }
    /** Each runs other code on another machine than those before it. */
    async function anEnclave(wish: HeldEnclaveWish = {}): Promise<HeldEnclave> {
        const name = `enclave ${++count}`;
        const { registry, executor: operator, networkHelpers } = world;
        const at = await networkHelpers.time.latest();
        return registerHeldEnclave({ registry, operator, at }, { name, codeHash: toHex(id(name)), ...wish });
    }
    async function aModel(enclaves: readonly HeldEnclave[]): Promise<Hex> {
        const spec = {
            artifactDigest: toHex(id(`model ${++count}`)),
            ioSpec: 0n,
            schemaHash: ZERO_BYTES32,
            semantics: SEMANTICS.FLOAT,
            vkHash: ZERO_BYTES32,
            derivedFrom: ZERO_BYTES32,
        };
        const setup = { kind: 0, transcriptHash: ZERO_BYTES32 };
        const known = { input: "0x", output: "0x", proof: Array(8).fill(0n), c: 0n };
        const measurements = enclaves.map(({ family, measurementId }) => ({ family, measurementId }));
        const call = [spec, setup, "0x", known, { uri: "", measurements }] as const;
        const made = toHex(await world.models.register.staticCall(...call));
        await world.models.register(...call);
        return made;
    }

    async function factsAt(
        blockNumber: number,
        { logIndex, of = enclave }: { logIndex?: number; of?: HeldEnclave } = {},
    ) {
        const { timestamp } = (await world.provider.getBlock(blockNumber)) ?? { timestamp: 0 };
        const at = { blockNumber, timestamp, ...(logIndex === undefined ? {} : { logIndex }) };
        return { timestamp, ...(await enclaveFactsAt(world, { enclaveId: of.enclaveId, modelId, at })) };
    }
    const newest = () => world.provider.getBlockNumber();

    /** What the contracts themselves said in a block. */
    async function saidAt(blockTag: number, { enclaveId, family, measurementId }: HeldEnclave) {
        const { registry, models, executor } = world;
        const usable = await registry.keyOf(enclaveId, family, executor.address, { blockTag }).then(
            () => true,
            () => false,
        );
        return { usable, mayAttest: await models.mayAttest(modelId, family, measurementId, { blockTag }) };
    }
    /** In every block since its registration the replay says what the contracts said. */
    async function expectAgreement(of = enclave) {
        const [registered] = await world.registry.queryFilter(world.registry.filters.EnclaveRegistered(of.enclaveId));
        for (let block = registered?.blockNumber ?? 0; block <= (await newest()); block++) {
            const { standing, timestamp, validUntil, mayAttest } = await factsAt(block, { of });
            const replayed = { usable: standing === "live" && timestamp <= validUntil, mayAttest };
            expect(replayed, `block ${block}: ${standing}, until ${validUntil}, at ${timestamp}`).to.deep.equal(
                await saidAt(block, of),
            );
        }
    }
    /** Lets some time pass, in a block of its own. */
    const pass = (seconds: number) => world.networkHelpers.time.increase(seconds);

    it("are those of the record while nothing happened", async () => {
        const record = await world.registry.enclave(enclave.enclaveId);
        const { timestamp: _now, ...facts } = await factsAt(await newest());
        expect(facts).to.deep.equal({
            enclaveId: enclave.enclaveId,
            registry: world.deployment.contracts.TeeRegistry,
            family: "TEE_TDX",
            signer: toHex(enclave.key.address),
            operator: toHex(world.executor.address),
            measurementId: enclave.measurementId,
            keyEpoch: "1",
            claimClass: "COMPUTE",
            simulated: true,
            registeredAt: Number(record.registeredAt),
            validUntil: Number(record.validUntil),
            standing: "live",
            mayAttest: true,
        });
        await expectAgreement();
    });

    type Change = { title: string; make: () => Promise<unknown>; standing: string };
    const changes: readonly Change[] = [
        {
            title: "it was retired",
            make: () => world.registry.connect(world.executor).retire(enclave.enclaveId),
            standing: "retired",
        },
        {
            title: "it was reported compromised",
            make: () => world.registry.connect(world.executor).reportCompromised(enclave.enclaveId),
            standing: "compromised",
        },
        {
            title: "its key was revoked",
            make: () => world.policy.revoke(enclave.enclaveId, COMPROMISED),
            standing: "compromised",
        },
        {
            title: "its code was retired",
            make: () => world.policy.restrictMeasurement(enclave.measurementId, RETIRED, 0),
            standing: "retired",
        },
        {
            title: "its code was compromised",
            make: () => world.policy.restrictMeasurement(enclave.measurementId, COMPROMISED, 0),
            standing: "compromised",
        },
        {
            title: "something else was revoked",
            make: () => world.policy.revoke(toHex(id("something else")), COMPROMISED),
            standing: "live",
        },
    ];
    for (const { title, make, standing } of changes) {
        it(`say from the block on, and not before, that ${title}`, async () => {
            await pass(1);
            const before = await newest();
            await make();

            expect((await factsAt(before)).standing).to.equal("live");
            expect((await factsAt(await newest())).standing).to.equal(standing);
            await expectAgreement();
        });
    }

    it("tell what happened earlier in the same block from what happened later", async () => {
        const { registry, executor, networkHelpers } = world;
        const asOperator = registry.connect(executor);
        await world.ethers.provider.send("evm_setAutomine", [false]);
        await asOperator.requestChallenge();
        await asOperator.retire(enclave.enclaveId, { gasLimit: 200_000 });
        await networkHelpers.mine();
        await world.ethers.provider.send("evm_setAutomine", [true]);
        const [retired] = await registry.queryFilter(registry.filters.EnclaveRetired(enclave.enclaveId));
        const { blockNumber, index } = retired ?? { blockNumber: 0, index: 0 };

        expect(index).to.equal(1);
        expect((await factsAt(blockNumber, { logIndex: index })).standing).to.equal("live");
        expect((await factsAt(blockNumber, { logIndex: index + 1 })).standing).to.equal("retired");
        expect((await factsAt(blockNumber)).standing).to.equal("retired");
    });

    it("shorten its life when governance does, at once and for good", async () => {
        const { registeredAt } = await world.registry.enclave(enclave.enclaveId);
        const end = Number(registeredAt) + DAY_SECONDS;
        const before = await newest();
        await world.policy.restrictMeasurement(enclave.measurementId, 0, DAY_SECONDS);

        expect((await factsAt(before)).validUntil).to.equal(Number(enclave.validUntil));
        expect((await factsAt(await newest())).validUntil).to.equal(end);
        await world.registry.refresh(enclave.enclaveId);
        expect((await factsAt(await newest())).validUntil).to.equal(end);
        await world.networkHelpers.time.increaseTo(end);
        await world.networkHelpers.mine();
        await pass(1);
        await expectAgreement();
    });

    it("follow heartbeats, and the silence that ends it", async () => {
        const beating = await anEnclave({ heartbeatSeconds: HEARTBEAT_SECONDS });
        await pass(HEARTBEAT_SECONDS - 10);
        const before = (await factsAt(await newest(), { of: beating })).validUntil;
        await beat(beating);
        const heard = await factsAt(await newest(), { of: beating });
        await pass(HEARTBEAT_SECONDS);
        await pass(1);

        expect(before).to.equal(Number(beating.validUntil));
        expect(heard.validUntil).to.equal(heard.timestamp + HEARTBEAT_SECONDS);
        await expectAgreement(beating);
    });

    async function beat({ enclaveId, key }: HeldEnclave) {
        const block = await world.provider.getBlock("latest");
        const blockHash = toHex(block?.hash ?? "");
        const blockNumber = block?.number ?? 0;
        const { chainId, contracts } = world.deployment;
        const digest = heartbeatDigest({ chainId, registry: contracts.TeeRegistry, enclaveId, blockHash, blockNumber });
        await world.networkHelpers.mine();
        await world.registry.heartbeat(enclaveId, blockNumber, key.signingKey.sign(digest).serialized);
    }

    it("follow the names that the model's owner gives and takes", async () => {
        const named = { family: enclave.family, measurementId: enclave.measurementId };
        await world.models.unnameMeasurement(modelId, named);
        expect((await factsAt(await newest())).mayAttest).to.equal(false);
        await world.models.nameMeasurement(modelId, named);
        const at = await newest();
        expect((await factsAt(at)).mayAttest).to.equal(false);
        await world.networkHelpers.time.increaseTo((await factsAt(at)).timestamp + DAY_SECONDS - 1);
        expect((await factsAt(await newest())).mayAttest).to.equal(false);
        await pass(1);

        expect((await factsAt(await newest())).mayAttest).to.equal(true);
        await expectAgreement();
    });

    it("never take another model's names, or another family's, for this one's", async () => {
        modelId = await aModel([await anEnclave()]);
        expect((await factsAt(await newest())).mayAttest).to.equal(false);
        await expectAgreement();
    });

    it("are missing for what was not registered yet", async () => {
        const before = await newest();
        const later = await anEnclave();
        const at = { blockNumber: before, timestamp: 0 };

        const fault = await faultOf(enclaveFactsAt(world, { enclaveId: later.enclaveId, modelId, at }));

        expect(fault.code).to.equal("ENCLAVE_LOG_MISSING");
    });

    it("come with the document of the registration, which binds what the record says", async () => {
        const record = await attestationRecordOf(world, enclave);
        const [registered] = await world.registry.queryFilter(
            world.registry.filters.EnclaveRegistered(enclave.enclaveId),
        );
        const transaction = await registered?.getTransaction();

        expect(record?.enclaveId).to.equal(enclave.enclaveId);
        expect(transaction?.data).to.include(record?.document.slice(2));
        const logged = world.registry.interface.parseLog(registered ?? { topics: [], data: "0x" });
        expect(logged?.args.documentHash).to.equal(keccak256(Buffer.from(record?.document.slice(2) ?? "", "hex")));
    });

    it("say that its platform, its certificates or its root were revoked", async () => {
        for (const trait of enclave.traits.slice(0, 4).reverse()) {
            await pass(1);
            const before = await newest();
            const seen = (await factsAt(before)).standing;
            await world.policy.revoke(trait, COMPROMISED);
            expect((await factsAt(before)).standing).to.equal(seen);
            expect((await factsAt(await newest())).standing).to.equal("compromised");
        }
        await expectAgreement();
    });

    for (const how of ["stopped", "replaced"] as const) {
        it(`say that its verifier was ${how}`, async () => {
            const { router, policy } = world;
            if (how === "stopped") {
                await router.stop(enclave.selector);
            } else {
                const next = await world.ethers.deployContract("SimulatedTdxVerifier", [policy]);
                const selector = await router.propose.staticCall(enclave.family, next, 1_000_000);
                await router.propose(enclave.family, next, 1_000_000);
                await pass(Number(await router.delaySeconds()));
                await router.activate(selector);
            }

            expect((await factsAt((await newest()) - 1)).standing).to.equal("live");
            expect((await factsAt(await newest())).standing).to.equal("retired");
            await expectAgreement();
        });
    }
});
