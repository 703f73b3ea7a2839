import { type ActingOn, reportEnclaveCompromised, retireEnclave, type Sent } from "@assay/sdk";
import { z } from "zod";
import { actingOptions, actingShape, openActing, sentRows } from "../chain/act.ts";
import { facts } from "../io/text.ts";
import { hash32 } from "../values.ts";
import { type Attach, defineVerb } from "../verb.ts";

type Ending = {
    name: string;
    about: string;
    state: string;
    end: (deps: ActingOn, parts: { enclaveId: z.output<typeof hash32> }) => Promise<Sent>;
};

/** `assay tee retire`: the operator ends an enclave in the ordinary course. */
export const teeRetire = endingVerb({
    name: "retire",
    about: "End an enclave that you operate: nothing new by it counts, what it signed for answered requests stays good",
    state: "Retired",
    end: retireEnclave,
});

/** `assay tee compromised`: the operator says that somebody else may hold the key. */
export const teeCompromised = endingVerb({
    name: "compromised",
    about: "Say that somebody else may hold the key of an enclave that you operate; nothing takes that back",
    state: "Compromised",
    end: reportEnclaveCompromised,
});

function endingVerb({ name, about, state, end }: Ending): Attach {
    return defineVerb({
        name,
        about,
        args: [{ term: "<enclaveId>", about: "id of the enclave, as `assay tee list` shows it" }],
        options: actingOptions,
        input: z.object({ enclaveId: hash32, ...actingShape }),
        run: async ({ shell }, { enclaveId, ...choice }) => {
            const sent = await end(await openActing(shell, choice), { enclaveId });
            const text = facts([["enclaveId", enclaveId], ["state", state], ...sentRows(sent)]);
            return { ok: true, value: { enclaveId, state, ...sent }, text };
        },
    });
}
