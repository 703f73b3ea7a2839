import { existsSync, readFileSync } from "node:fs";
import { type Attestation, type NitroProfile, toHex } from "@assay/protocol";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";

/** Genuine documents stand beside the repository; without them the tests that need them say so. */
const VECTORS = new URL("../../../shared/tee-vectors/", import.meta.url);
/** Most that one transaction may use (EIP-7825). */
export const TRANSACTION_GAS = 16_777_216n;

/** A genuine document and what is known of it. */
export interface GenuineDocument {
    document: Uint8Array;
    expected: {
        doc: { module_id: string; timestamp_ms: number; user_data: string };
        /** Unix seconds. */
        chain_root_first: { notBefore: number; notAfter: number }[];
    };
}

/** Folders of the two documents of AWS that tests use. */
export const GENUINE = {
    production: "01-nitro-prod-opengradient-20260212",
    debug: "03-nitro-debug-evervault-20221012",
} as const;

/** The genuine document of a folder; undefined when the folder is not there. */
export function genuineDocument(folder: string): GenuineDocument | undefined {
    const at = new URL(`${folder}/`, VECTORS);
    if (!existsSync(at)) return undefined;
    return {
        document: readFileSync(new URL("attestation.cose", at)),
        expected: JSON.parse(readFileSync(new URL("expected.json", at), "utf8")),
    };
}

/** Answer of a verifier on chain, in the words of TypeScript's own verification. */
export interface NitroAnswer {
    /** ACCEPTED or the name of the error. */
    code: string;
    attestation:
        | Pick<Attestation, "rootId" | "measurementId" | "userData" | "issuedAt" | "notAfter" | "traits">
        | undefined;
}

/** A chain on which a Nitro verifier stands. */
export type NitroWorld = Awaited<ReturnType<typeof createNitroWorld>>;

/**
 * Starts a chain with AttestationPolicy and a Nitro verifier of this profile: the genuine one, the one of the stand-ins, or
 * one under a root of the tests' own.
 *
 * @param at Unix seconds: the time at which calls see the chain.
 */
export async function createNitroWorld({ at, profile }: { at: number; profile?: NitroProfile }) {
    // Deployment takes a few blocks, each at least a second after the one before it.
    const { ethers, networkHelpers } = await network.create({ override: { initialDate: new Date((at - 100) * 1000) } });
    const [owner] = await ethers.getSigners();
    const policy = await ethers.deployContract("AttestationPolicy", [owner?.address ?? ZeroAddress]);
    const p384 = await ethers.deployContract("P384Verifier");
    const sha384 = await ethers.deployContract("Sha384");
    const harness = await ethers.deployContract("DocumentHarness", [p384]);
    const parts = [policy, p384, sha384] as const;
    const verifier = await deployVerifier();
    await networkHelpers.time.increaseTo(at);

    async function deployVerifier() {
        if (profile === undefined) return ethers.deployContract("NitroVerifier", [...parts]);
        if (profile.tier === "simulated") return ethers.deployContract("SimulatedNitroVerifier", [...parts]);
        return ethers.deployContract("OtherRootNitroVerifier", [...parts, profile.rootHash]);
    }

    /** Name of an error of these contracts. */
    function nameOf(refusal: string): string {
        const error = verifier.interface.parseError(refusal) ?? policy.interface.parseError(refusal);
        if (error === null) throw new Error(`The verifier answers with something that is no refusal: ${refusal}`);
        return error.name;
    }

    /** What verification in the latest block answers. */
    async function verify(document: Uint8Array): Promise<NitroAnswer> {
        const call = { gasLimit: TRANSACTION_GAS };
        const [magic, said, refusal] = await harness.ask.staticCall(verifier, document, call);
        if (refusal !== "0x") return { code: nameOf(refusal), attestation: undefined };
        if (magic !== verifier.interface.getFunction("verify").selector) throw new Error(`It answers ${magic}.`);
        return { code: "ACCEPTED", attestation: plain(said) };
    }

    /** Verifies and remembers the certificates of a document; gas of the transaction. */
    async function cache(document: Uint8Array, maxSignatures = 8): Promise<bigint> {
        const sent = await verifier.cacheChain(document, maxSignatures, { gasLimit: TRANSACTION_GAS });
        return (await sent.wait())?.gasUsed ?? 0n;
    }

    return { ethers, networkHelpers, policy, p384, sha384, verifier, harness, verify, cache };
}

function plain(said: {
    rootId: string;
    measurementId: string;
    userData: string;
    issuedAt: bigint;
    notAfter: bigint;
    traits: readonly string[];
}): NitroAnswer["attestation"] {
    return {
        rootId: toHex(said.rootId),
        measurementId: toHex(said.measurementId),
        userData: toHex(said.userData),
        issuedAt: Number(said.issuedAt),
        notAfter: Number(said.notAfter),
        traits: said.traits.map((trait) => toHex(trait)),
    };
}
