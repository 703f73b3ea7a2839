import type { Hex } from "@assay/protocol";
import type { AttestationProvider, Form } from "../../core/provider.ts";
import { makeSimulatedNitroDocument } from "../../simulated/nitro.ts";
import { makeSimulatedTdxQuote } from "../../simulated/tdx.ts";

/**
 * SIMULATED documents, under a development root whose key everybody has: they prove nothing. `codeHash` stands for the
 * code and decides the measurement.
 */
export function createDevProvider({
    form,
    codeHash,
    now,
}: {
    form: Form;
    codeHash: Hex;
    /** Unix seconds. */
    now: () => number;
}): AttestationProvider {
    const isNitro = form === "nitro";
    return {
        name: "dev",
        form,
        nonceBytes: isNitro ? 32 : 0,
        bindsKey: isNitro,
        simulated: true,
        attest: async ({ userData, publicKey, nonce }) =>
            isNitro
                ? makeSimulatedNitroDocument({ codeHash, at: now(), userData, publicKey, nonce })
                : makeSimulatedTdxQuote({ codeHash, at: now(), reportData: userData }),
    };
}
