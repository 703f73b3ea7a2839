import {
    decodeIoSpec,
    type Hex,
    hexToBytes,
    lintKey,
    publicSignals,
    unboundBind,
    verifyGroth16,
} from "@assay/protocol";
import type { CompiledModelSpec } from "@assay/sdk";
import type { ProvenInference } from "./proofFile.ts";

/** One thing that was looked at. */
export type Check = { name: string; ok: boolean; detail: string };

/** The known answer of a compiled model as the proven inference it is. */
export function knownInference({ spec, knownAnswer }: CompiledModelSpec): ProvenInference {
    const { input, output, proof, c } = knownAnswer;
    return { input, output, proof, c: c === 0n ? undefined : c, bind: unboundBind(spec.vkHash) };
}

/** The public signals that a proven inference claims, rebuilt from its bytes. */
export function signalsOf({ model, claim }: { model: CompiledModelSpec; claim: ProvenInference }): bigint[] {
    const { ioSpec, vkHash } = model.spec;
    const { bind, c } = claim;
    const { input, output } = decodeIoSpec(ioSpec);
    return publicSignals({
        ...{ ioSpec, vkHash, bind, c },
        input: input.committed ? new Uint8Array() : hexToBytes(claim.input),
        output: output.committed ? new Uint8Array() : hexToBytes(claim.output),
        inputHash: input.committed ? claim.input : undefined,
        outputHash: output.committed ? claim.output : undefined,
    });
}

/** Checks key and proof of a compiled model off chain: lint, the proof itself, and that another output is refused. */
export function offChainChecks({ model, claim }: { model: CompiledModelSpec; claim: ProvenInference }): Check[] {
    const faults = lintKey(model.key).map(({ fault, index }) => `${fault} at ${index}`);
    const accepted = verifies({ model, claim });
    // The known answer is true, so its neighbour is false; the neighbour of a forged claim may be the truth.
    const known = knownInference(model);
    const isBound = !verifies({ model, claim: { ...known, output: flipLastBit(known.output) } });
    return [
        { name: "key", ok: faults.length === 0, detail: faults.join(", ") || "points sound and in their groups" },
        { name: "proof", ok: accepted, detail: accepted ? "verifies" : "DOES NOT VERIFY" },
        { name: "changed output", ok: isBound, detail: isBound ? "refused" : "ACCEPTED: the output is not bound" },
    ];
}

function verifies({ model, claim }: { model: CompiledModelSpec; claim: ProvenInference }): boolean {
    return verifyGroth16({ key: model.key, signals: signalsOf({ model, claim }), proof: claim.proof });
}

function flipLastBit(hex: Hex): Hex {
    const digit = Number.parseInt(hex.slice(-1), 16) ^ 1;
    return `0x${hex.slice(2, -1)}${digit.toString(16)}`;
}
