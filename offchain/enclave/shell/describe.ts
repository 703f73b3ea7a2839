import {
    CLAIM_CLASSES,
    contentHash,
    type EnclaveClaims,
    type Hex,
    modelIdOf,
    uintToHex,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import type { Configuration } from "../core/claims.ts";
import type { AttestationProvider } from "../core/provider.ts";
import type { ServedModel } from "../core/servedModel.ts";
import { FAMILY_OF } from "./attester.ts";

/** Answer of GET /v1/enclave: who it is, what it claims, and the preimage of its configHash. Nothing of it is proven here. */
export function describeEnclave({
    provider,
    signer,
    measurementId,
    claims,
    configuration,
    models,
    owner,
}: {
    provider: Pick<AttestationProvider, "form" | "simulated">;
    signer: Hex;
    /** Of the newest document; undefined before the first one. */
    measurementId: Hex | undefined;
    claims: EnclaveClaims;
    configuration: Configuration;
    models: readonly ServedModel[];
    owner: Hex | undefined;
}) {
    const claimClass = claims.claimClass === CLAIM_CLASSES.GATEWAY ? "GATEWAY" : "COMPUTE";
    return {
        family: FAMILY_OF[provider.form],
        form: provider.form,
        simulated: provider.simulated,
        ...(provider.simulated ? { warning: "SIMULATED: everybody has the key its documents are signed under" } : {}),
        signer,
        measurementId: measurementId ?? null,
        claimClass,
        claims,
        configuration,
        models: models.map((model) => describeModel({ model, owner })),
    };
}

function describeModel({ model, owner }: { model: ServedModel; owner: Hex | undefined }) {
    const spec = model.specFor({ owner: owner ?? ZERO_ADDRESS, derivedFrom: ZERO_BYTES32 });
    if (spec === undefined) throw new Error(`${model.name} has no content of its own.`);
    const content = contentHash(spec);
    return {
        name: model.name,
        /** Of the version that the configured owner registered, made from no other. */
        modelId: owner === undefined ? null : modelIdOf({ owner, contentHash: content }),
        contentHash: content,
        spec: { ...spec, ioSpec: uintToHex(spec.ioSpec), semantics: Number(spec.semantics) },
    };
}
