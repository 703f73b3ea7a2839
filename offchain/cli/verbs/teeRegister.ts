import { familyName } from "@assay/protocol";
import { z } from "zod";
import { actingOptions, actingShape, openActing, sentRows } from "../chain/act.ts";
import { facts, timeText } from "../io/text.ts";
import { claimClassName } from "../tee/claimClassName.ts";
import { count, hash32 } from "../values.ts";
import { defineVerb } from "../verb.ts";

/** `assay tee register`: an enclave's key becomes one that counts, and stays so as long as this runs with --keep. */
export const teeRegister = defineVerb({
    name: "register",
    about: "Register an enclave that you operate: challenge, attestation, check, registration on chain",
    options: [
        { flags: "--enclave <url>", about: "where the enclave program listens" },
        {
            flags: "--expect-measurement <id>",
            about: "refuse any other measurementId than that of the image you built",
        },
        { flags: "--heartbeat-seconds <n>", about: "longest silence that the enclave is allowed (0 = any)" },
        { flags: "--keep", about: "go on: renew it, and send its heartbeats; SIGINT or SIGTERM stops it" },
        ...actingOptions,
    ],
    input: z.object({
        enclave: z.url({ protocol: /^https?$/, error: "not an http or https URL" }),
        expectMeasurement: hash32.optional(),
        heartbeatSeconds: count.default(0),
        keep: z.boolean().default(false),
        ...actingShape,
    }),
    run: async ({ shell, progress }, { enclave: url, expectMeasurement, heartbeatSeconds, keep, ...choice }) => {
        const { createEnclaveClient, keepRegistered, registerEnclave } = await import("@assay/enclave");
        const acting = await openActing(shell, choice);
        const client = createEnclaveClient({ url });
        const parts = { client, heartbeatSeconds, expectedMeasurementId: expectMeasurement, progress };
        if (heartbeatSeconds > 0 && !keep) {
            progress(
                `WARNING: without --keep nobody sends heartbeats: it counts for ${heartbeatSeconds} s of silence only`,
            );
        }
        const first = await registerEnclave(acting, parts);
        const registered = keep
            ? await keepRegistered(acting, { ...parts, registered: first, signal: shell.stopSignal() })
            : first;
        const { enclaveId, signer, measurementId, family, claimClass, validUntil, simulated } = registered;
        const value = { ...registered, family: familyName(family), claimClass: claimClassName(claimClass) };
        const rows: [string, string][] = [
            ["enclaveId", enclaveId],
            ["signer", signer],
            ["measurementId", measurementId],
            ["family", `${familyName(family)}${simulated ? " SIMULATED: proves nothing" : ""}`],
            ["class", claimClassName(claimClass)],
            ["valid until", timeText(validUntil)],
            ...sentRows(registered),
        ];
        return { ok: true, value, text: facts(rows) };
    },
});
