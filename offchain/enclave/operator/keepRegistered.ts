import { setTimeout as sleep } from "node:timers/promises";
import { type Hex, isProtocolError } from "@assay/protocol";
import { type ActingOn, contractsOf, onChain } from "@assay/sdk";
import { choreOf } from "../core/upkeep.ts";
import { sendHeartbeat } from "./heartbeat.ts";
import { type RegisteredEnclave, type RegistrationParts, registerEnclave } from "./registerEnclave.ts";

/** How often the record is looked at: far more often than anything in it ends. */
const LOOK_INTERVAL_MS = 15_000;

/**
 * Keeps a registered enclave registered until `signal` ends it: renewals before its life ends, heartbeats before its
 * silence does. Faults that may pass are told and tried again at the next look; others are thrown.
 */
export async function keepRegistered(
    deps: ActingOn,
    {
        registered,
        signal,
        intervalMs = LOOK_INTERVAL_MS,
        ...parts
    }: RegistrationParts & { registered: RegisteredEnclave; signal: AbortSignal; intervalMs?: number },
): Promise<RegisteredEnclave> {
    const { progress = () => {} } = parts;
    let current = registered;
    while (!signal.aborted) {
        try {
            current = await lookOnce(deps, { ...parts, registered: current });
        } catch (error) {
            if (!isProtocolError(error) || !error.retryable) throw error;
            progress(error.message);
        }
        await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
    }
    return current;
}

/**
 * Does what is due now, if anything is; the enclave that is registered then. Throws ENCLAVE_UNREACHABLE for one that
 * does not answer, also when nothing is due.
 */
export async function lookOnce(
    deps: ActingOn,
    { registered, ...parts }: RegistrationParts & { registered: RegisteredEnclave },
): Promise<RegisteredEnclave> {
    const { client, progress = () => {} } = parts;
    const { enclaveId } = registered;
    const { signer } = await client.describe();
    if (signer !== registered.signer) {
        progress(`registers anew: its key is ${signer}, not ${registered.signer}, as if it had been started anew`);
        return registerEnclave(deps, parts);
    }
    const lived = await lifeOf(deps, { enclaveId });
    switch (choreOf(lived)) {
        case "renew":
            progress(`registers anew: ${renewalReason(lived)}`);
            return registerEnclave(deps, parts);
        case "heartbeat":
            await sendHeartbeat(deps, { client, enclaveId });
            progress(`heartbeat of ${enclaveId}`);
            return registered;
        case "wait":
            return registered;
    }
}

function renewalReason({ life: { validUntil, notAfter }, now }: Parameters<typeof choreOf>[0]): string {
    const time = (seconds: number) => new Date(seconds * 1_000).toISOString();
    return now > validUntil ? `not valid since ${time(validUntil)}` : `its life ends at ${time(notAfter)}`;
}

async function lifeOf(deps: ActingOn, { enclaveId }: { enclaveId: Hex }) {
    const { enclaves } = contractsOf({ deployment: deps.deployment, runner: deps.provider });
    const [record, block] = await onChain(() =>
        Promise.all([enclaves.enclave(enclaveId), deps.provider.getBlock("latest")]),
    );
    const life = {
        registeredAt: Number(record.registeredAt),
        notAfter: Number(record.notAfter),
        validUntil: Number(record.validUntil),
        heartbeatSeconds: Number(record.heartbeatSeconds),
    };
    return { life, now: block?.timestamp ?? 0 };
}
