import { type ListedEnclave, type ListedMeasurement, listEnclaves, listMeasurements, onChain } from "@assay/sdk";
import { z } from "zod";
import { chainOptions, chainShape, openChain } from "../chain/openChain.ts";
import { table, timeText } from "../io/text.ts";
import { address, hash32 } from "../values.ts";
import { defineVerb } from "../verb.ts";

/** `assay tee list`: what the registries hold of an operator's enclaves, and of the code that a model names. */
export const teeList = defineVerb({
    name: "list",
    about: "An operator's enclaves and what each is worth now; with --model, the code that may attest that version",
    options: [
        { flags: "--operator <address>", about: "whose enclaves" },
        { flags: "--model <id>", about: "modelId of the version whose named code is listed" },
        ...chainOptions,
    ],
    input: z
        .object({ operator: address.optional(), model: hash32.optional(), ...chainShape })
        .refine(({ operator, model }) => operator !== undefined || model !== undefined, {
            message: "--operator or --model is missing: whose enclaves, or the code of which model?",
        }),
    run: async ({ shell }, { operator, model: modelId, ...choice }) => {
        const chain = await openChain(shell, choice);
        const enclaves = operator && (await listEnclaves(chain, { operator }));
        const measurements = modelId && (await listMeasurements(chain, { modelId }));
        const now = (await onChain(() => chain.provider.getBlock("latest")))?.timestamp ?? 0;
        const parts = [
            ...(enclaves === undefined ? [] : [enclavesText({ enclaves, modelId })]),
            ...(measurements === undefined ? [] : [measurementsText({ measurements, now })]),
        ];
        const value = {
            ...(enclaves === undefined ? {} : { enclaves }),
            ...(measurements === undefined ? {} : { measurements }),
        };
        return { ok: true, value, text: parts.join("\n\n") };
    },
});

function enclavesText({
    enclaves,
    modelId,
}: {
    enclaves: readonly ListedEnclave[];
    modelId: ListedEnclave["enclaveId"] | undefined;
}): string {
    if (enclaves.length === 0) return "No enclave was ever registered by this operator.";
    const attests = ({ attests }: ListedEnclave) => {
        if (modelId === undefined) return `${attests.length} versions`;
        return attests.includes(modelId) ? "yes" : "no";
    };
    return table({
        head: ["enclaveId", "family", "class", "state", "valid until", "code", "named by"],
        rows: enclaves.map((enclave) => [
            enclave.enclaveId,
            `${enclave.family}${enclave.simulated ? " SIMULATED" : ""}`,
            enclave.claimClass,
            enclave.state,
            timeText(enclave.validUntil),
            enclave.measurementId,
            attests(enclave),
        ]),
    });
}

function measurementsText({ measurements, now }: { measurements: readonly ListedMeasurement[]; now: number }): string {
    if (measurements.length === 0) return "The owner of this version names no code: no enclave may attest it.";
    return table({
        head: ["family", "code", "counts from"],
        rows: measurements.map(({ family, measurementId, countsFrom }) => [
            family,
            measurementId,
            `${timeText(countsFrom)}${countsFrom > now ? ", not yet" : ""}`,
        ]),
    });
}
