import { toHex } from "@assay/protocol";
import { ZeroAddress } from "ethers";
import { network } from "hardhat";
import { revertData } from "../../offchain/sdk/_revertData.ts";

/** What the contract takes. */
interface Evidence {
    quote: Uint8Array;
    collateral: Uint8Array;
}

/** A chain with AttestationPolicy and SimulatedTdxVerifier; `at` is the time at which calls see it, unix seconds. */
export async function createTdxWorld({ at }: { at: number }) {
    const { ethers, networkHelpers } = await network.create({ override: { initialDate: new Date((at - 100) * 1000) } });
    const [owner] = await ethers.getSigners();
    const policy = await ethers.deployContract("AttestationPolicy", [owner?.address ?? ZeroAddress]);
    const verifier = await ethers.deployContract("SimulatedTdxVerifier", [policy]);
    await networkHelpers.time.increaseTo(at);

    /** Name of the error with which a call was refused; anything but an error of these contracts is thrown on. */
    function codeOf(error: unknown): string {
        const data = revertData(error);
        if (data === undefined) throw error;
        const refusal = verifier.interface.parseError(data) ?? policy.interface.parseError(data);
        if (refusal === null) throw error;
        return refusal.name;
    }

    /** What verification in the latest block answers, in the words of TypeScript's own verification. */
    async function verify({ quote, collateral }: Evidence) {
        try {
            const [magic, said] = await verifier.verify(quote, collateral);
            if (magic !== verifier.interface.getFunction("verify").selector) throw new Error(`It answers ${magic}.`);
            return {
                code: "ACCEPTED",
                attestation: {
                    rootId: toHex(said.rootId),
                    measurementId: toHex(said.measurementId),
                    userData: toHex(said.userData),
                    issuedAt: Number(said.issuedAt),
                    notAfter: Number(said.notAfter),
                    traits: said.traits.map((trait) => toHex(trait)),
                },
            };
        } catch (error) {
            return { code: codeOf(error), attestation: undefined };
        }
    }

    return { ethers, policy, verifier, verify };
}
