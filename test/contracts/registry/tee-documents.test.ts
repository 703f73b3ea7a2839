/** Registration through the stand-ins of vendors' documents: the whole path but the vendors' roots. */
import {
    CLAIM_CLASSES,
    concat,
    type EnclaveBinding,
    enclaveBindingHash,
    enclaveIdOf,
    FAMILIES,
    type Hex,
    hexToBytes,
    possessionDigest,
    toHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { expect } from "chai";
import { getAddress, id, toBeHex, Wallet } from "ethers";
import { makeSimulatedNitroDocument } from "../../../offchain/enclave/simulated/nitro.ts";
import { makeSimulatedTdxQuote } from "../../../offchain/enclave/simulated/tdx.ts";
import { createWorld, type World } from "../../offchain/sdk/_world.ts";

/** Order of P-384's group. */
const ORDER = BigInt(
    "0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
);
const SCALAR_BYTES = 48;
const CODE_HASH = toHex(id("code"));
const DAY_SECONDS = 86_400n;

describe("TeeRegistry with documents of the stand-ins", () => {
    let world: World;
    let snapshot: Awaited<ReturnType<World["networkHelpers"]["takeSnapshot"]>>;

    before(async () => {
        world = await createWorld();
        snapshot = await world.networkHelpers.takeSnapshot();
    });

    afterEach(async () => {
        await snapshot.restore();
    });

    type Wish = { family: number; keyEpoch?: number; key?: string };

    /** A challenge of the executor's, and what binds a key to it. */
    async function prepare({ family, keyEpoch = 1, key = "enclave key" }: Wish) {
        const { enclaves } = world.asExecutor;
        const receipt = await (await enclaves.requestChallenge()).wait();
        const [log] = receipt?.logs ?? [];
        const issued = log === undefined ? null : enclaves.interface.parseLog(log);
        if (issued === null) throw new Error("No challenge was issued.");
        const wallet = new Wallet(id(key));
        const binding: EnclaveBinding = {
            chainId: world.deployment.chainId,
            registry: world.deployment.contracts.TeeRegistry,
            operator: toHex(world.executor.address),
            signer: toHex(wallet.address),
            keyEpoch,
            challenge: toHex(issued.args.challenge),
            deadline: issued.args.deadline,
            claims: {
                claimClass: CLAIM_CLASSES.COMPUTE,
                upstreamHash: ZERO_BYTES32,
                configHash: ZERO_BYTES32,
                binaryDigest: CODE_HASH,
            },
        };
        const bindingHash = enclaveBindingHash(binding);
        const { chainId, registry } = binding;
        const digest = possessionDigest({ chainId, registry, bindingHash });
        return {
            at: await world.networkHelpers.time.latest(),
            binding,
            userData: hexToBytes(bindingHash),
            registration: { family, heartbeatSeconds: 0, ...binding },
            possession: wallet.signingKey.sign(digest).serialized,
        };
    }

    it("registers a key by a Nitro document, whichever of its signature's two forms comes, once", async () => {
        const { enclaves } = world.asExecutor;
        const { at, userData, registration, possession } = await prepare({ family: FAMILIES.TEE_NITRO });
        const { document } = makeSimulatedNitroDocument({ codeHash: CODE_HASH, at, userData });
        const other = withOtherSignature(document);
        const arguments_ = [registration, document, "0x", possession] as const;

        const enclaveId = await enclaves.register.staticCall(...arguments_);
        expect(await enclaves.register.staticCall(registration, other, "0x", possession)).to.equal(enclaveId);
        await enclaves.register(...arguments_);

        await expect(enclaves.register(registration, other, "0x", possession))
            .to.be.revertedWithCustomError(enclaves, "ChallengeUnknown")
            .withArgs(registration.challenge, world.executor.address);
        const again = await prepare({ family: FAMILIES.TEE_NITRO, keyEpoch: 2 });
        const fresh = makeSimulatedNitroDocument({ codeHash: CODE_HASH, at: again.at, userData: again.userData });
        await expect(enclaves.register(again.registration, fresh.document, "0x", again.possession))
            .to.be.revertedWithCustomError(enclaves, "SignerTaken")
            .withArgs(getAddress(registration.signer), enclaveId);
        const record = await enclaves.enclave(enclaveId);
        expect([record.simulated, record.notAfter - record.registeredAt]).to.deep.equal([true, DAY_SECONDS]);
        expect(enclaveId).to.equal(
            enclaveIdOf({ ...registration, measurementId: toHex(record.measurementId), family: FAMILIES.TEE_NITRO }),
        );
    });

    it("registers a key by a TDX quote, whose report data is the binding and zeros", async () => {
        const { enclaves } = world.asExecutor;
        const { at, userData, registration, possession } = await prepare({ family: FAMILIES.TEE_TDX });
        const { document, collateral } = makeSimulatedTdxQuote({ codeHash: CODE_HASH, at, reportData: userData });

        const enclaveId = await enclaves.register.staticCall(registration, document, collateral, possession);
        await enclaves.register(registration, document, collateral, possession);

        const [signer, , claimClass, simulated] = await enclaves.keyOf(
            enclaveId,
            FAMILIES.TEE_TDX,
            world.executor.address,
        );
        expect([toHex(signer), claimClass, simulated]).to.deep.equal([
            registration.signer,
            BigInt(CLAIM_CLASSES.COMPUTE),
            true,
        ]);
    });

    it("refuses a document that attests anything beside the binding", async () => {
        const { enclaves } = world.asExecutor;
        const { at, userData, registration, possession } = await prepare({ family: FAMILIES.TEE_TDX });
        const reportData = concat(userData, Uint8Array.of(1));
        const { document, collateral } = makeSimulatedTdxQuote({ codeHash: CODE_HASH, at, reportData });
        const padded = concat(reportData, new Uint8Array(31));

        await expect(enclaves.register(registration, document, collateral, possession))
            .to.be.revertedWithCustomError(enclaves, "BindingMismatch")
            .withArgs(userData, padded);
    });

    it("refuses a machine that governance revoked, in every document that names it", async () => {
        const { enclaves } = world.asExecutor;
        const { at, userData, registration, possession } = await prepare({ family: FAMILIES.TEE_NITRO });
        const { document } = makeSimulatedNitroDocument({ codeHash: CODE_HASH, at, userData });
        const enclaveId = await enclaves.register.staticCall(registration, document, "0x", possession);
        await enclaves.register(registration, document, "0x", possession);
        const traits: Hex[] = (await enclaves.traitsOf(enclaveId)).map((trait) => toHex(trait));
        const [owner] = await world.ethers.getSigners();
        const policy = await world.ethers.getContractAt(
            "AttestationPolicy",
            world.deployment.contracts.AttestationPolicy,
            owner,
        );

        expect(traits.at(-1)).to.equal(enclaveId);
        for (const trait of traits.toReversed()) {
            await policy.revoke(trait, 1);
            await expect(enclaves.keyOf(enclaveId, FAMILIES.TEE_NITRO, world.executor.address))
                .to.be.revertedWithCustomError(policy, "TraitRevoked")
                .withArgs(trait, 1);
        }
    });
});

/** The same document with n - s in place of s. */
function withOtherSignature(document: Uint8Array): Uint8Array {
    const end = document.length - SCALAR_BYTES;
    const s = BigInt(toHex(`0x${Buffer.from(document.subarray(end)).toString("hex")}`));
    return concat(document.subarray(0, end), hexToBytes(toHex(toBeHex(ORDER - s, SCALAR_BYTES))));
}
