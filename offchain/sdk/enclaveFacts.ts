import {
    type AttestationRecord,
    CLAIM_CLASSES,
    type EnclaveFacts,
    familyName,
    type Hex,
    hexToBytes,
    keccak256,
    ProtocolError,
    toHex,
    uintToHex,
} from "@assay/protocol";
import { Interface, type InterfaceAbi, type Provider } from "ethers";
import { z } from "zod";
import { callsIn } from "./_calls.ts";
import { type FoundEvent, findEvents, isBefore, type LogPlace, type Moment } from "./_events.ts";
import { attestationPolicyAbi, modelRegistryAbi, teeRegistryAbi, verifierRouterAbi } from "./abi.ts";
import type { Deployment } from "./deployment.ts";

const hex = z.string().transform((text) => toHex(text));
const seconds = z.bigint().transform(Number);
const standing = z
    .enum(["0", "1", "2"])
    .transform((value) => (["live", "retired", "compromised"] as const)[Number(value)] ?? "live");
const anyStanding = z.bigint().transform(String).pipe(standing);

const registered = z.object({
    operator: hex,
    measurementId: hex,
    binding: z.object({
        signer: hex,
        keyEpoch: z.bigint(),
        challenge: hex,
        deadline: seconds,
        claims: z.object({ upstreamHash: hex, configHash: hex, binaryDigest: hex }),
    }),
    documentHash: hex,
    enclave: z.object({
        family: z.bigint(),
        validUntil: seconds,
        registeredAt: seconds,
        claimClass: z.bigint(),
        simulated: z.boolean(),
        selector: hex,
    }),
    traits: z.array(hex),
});
const registerCall = z.object({ document: hex });
const prolonged = z.object({ validUntil: seconds });
const revoked = z.object({ trait: hex, standing: anyStanding });
const policyChanged = z.object({ standing: anyStanding, maxLifetimeSeconds: seconds });
const named = z.object({ countsFrom: seconds });

const REGISTRY = new Interface(teeRegistryAbi);

type ChainDeps = { provider: Provider; deployment: Deployment };
type Standing = EnclaveFacts["standing"];
type Registered = z.output<typeof registered> & { place: LogPlace };

/**
 * What the registries said of an enclave at a moment, replayed from their events: state of old blocks is something that
 * most nodes no longer have. `modelId`: the version it attested. Throws ENCLAVE_LOG_MISSING.
 */
export async function enclaveFactsAt(
    deps: ChainDeps,
    { enclaveId, modelId, at }: { enclaveId: Hex; modelId: Hex; at: Moment & { timestamp: number } },
): Promise<EnclaveFacts> {
    const history = await historyOf(deps, { enclaveId, at });
    const record = registrationOf({ history, enclaveId });
    const policy = await policyOf(deps, { record, at });
    const { operator, measurementId, binding, enclave } = record;
    return {
        enclaveId,
        registry: deps.deployment.contracts.TeeRegistry,
        family: teeFamily(Number(enclave.family)),
        signer: binding.signer,
        operator,
        measurementId,
        keyEpoch: binding.keyEpoch.toString(),
        claimClass: claimClassName(Number(enclave.claimClass)),
        simulated: enclave.simulated,
        registeredAt: enclave.registeredAt,
        validUntil: Math.min(lifeOf({ history, enclave }), policy.notAfter),
        standing: worst([operatorStanding(history), policy.standing]),
        mayAttest: await isNamed(deps, { modelId, record, at }),
    };
}

/**
 * The document that an enclave was registered by, from the calldata of its registration; undefined when a contract put
 * the call together itself.
 */
export async function attestationRecordOf(
    deps: ChainDeps,
    { enclaveId }: { enclaveId: Hex },
): Promise<AttestationRecord | undefined> {
    const at = { blockNumber: await deps.provider.getBlockNumber() };
    const { binding, documentHash, place } = registrationOf({
        history: await historyOf(deps, { enclaveId, at }),
        enclaveId,
    });
    const transaction = await deps.provider.getTransaction(place.transactionHash);
    const { challenge, deadline, claims } = binding;
    for (const args of callsIn({ data: transaction?.data ?? "0x", contract: REGISTRY, name: "register" })) {
        const call = registerCall.safeParse(args);
        if (!call.success || keccak256(hexToBytes(call.data.document)) !== documentHash) continue;
        return { enclaveId, ...call.data, challenge, deadline, ...claims };
    }
    return undefined;
}

function historyOf(deps: ChainDeps, { enclaveId, at }: { enclaveId: Hex; at: Moment }): Promise<FoundEvent[]> {
    const address = deps.deployment.contracts.TeeRegistry;
    return eventsOf(deps, { abi: teeRegistryAbi, address, topics: [null, enclaveId], at });
}

function registrationOf({ history, enclaveId }: { history: FoundEvent[]; enclaveId: Hex }): Registered {
    const found = history.find(({ name }) => name === "EnclaveRegistered");
    if (found !== undefined) return { ...registered.parse(found.values), place: found.place };
    throw new ProtocolError({ code: "ENCLAVE_LOG_MISSING", message: `No log says how ${enclaveId} was registered.` });
}

/** Heartbeats and refreshes move the end of a life, which the registration set first. */
function lifeOf({ history, enclave }: { history: FoundEvent[]; enclave: Registered["enclave"] }): number {
    const moves = history.filter(({ name }) => name === "EnclaveHeard" || name === "EnclaveRefreshed");
    const last = moves.at(-1);
    return last === undefined ? enclave.validUntil : prolonged.parse(last.values).validUntil;
}

function operatorStanding(history: FoundEvent[]): Standing {
    const names = new Set(history.map(({ name }) => name));
    if (names.has("EnclaveCompromised")) return "compromised";
    return names.has("EnclaveRetired") ? "retired" : "live";
}

/** What governance restricted: traits, the measurement, the verifier that the enclave was registered through. */
async function policyOf(
    deps: ChainDeps,
    { record, at }: { record: Registered; at: Moment },
): Promise<{ standing: Standing; notAfter: number }> {
    const { AttestationPolicy, VerifierRouter } = deps.deployment.contracts;
    // It was good when it was registered, whatever had been said before.
    const fromBlock = record.place.blockNumber;
    const policy = { abi: attestationPolicyAbi, address: AttestationPolicy, fromBlock, at };
    const since = (await eventsOf(deps, { ...policy, topics: [] })).filter(
        ({ place }) => !isBefore({ place, at: record.place }),
    );
    const traits = new Set(record.traits);
    const ofTraits = since
        .filter(({ name }) => name === "Revoked")
        .map(({ values }) => revoked.parse(values))
        .filter(({ trait }) => traits.has(trait));
    const ofMeasurement = since
        .filter(
            ({ name, values }) => name === "MeasurementPolicyChanged" && values.measurementId === record.measurementId,
        )
        .map(({ values }) => policyChanged.parse(values));
    const stopped = await eventsOf(deps, {
        abi: verifierRouterAbi,
        address: VerifierRouter,
        topics: [null, `0x${record.enclave.selector.slice(2).padEnd(64, "0")}`],
        fromBlock,
        at,
    });
    const lives = ofMeasurement.flatMap(({ maxLifetimeSeconds }) =>
        maxLifetimeSeconds === 0 ? [] : [maxLifetimeSeconds],
    );
    return {
        standing: worst([
            ...[...ofTraits, ...ofMeasurement].map((change) => change.standing),
            stopped.some(({ name }) => name === "VerifierStopped") ? "retired" : "live",
        ]),
        notAfter:
            record.enclave.registeredAt + Math.min(...lives, Number.MAX_SAFE_INTEGER - record.enclave.registeredAt),
    };
}

/** Whether the owner of a version named this measurement, and the name counted already. */
async function isNamed(
    deps: ChainDeps,
    { modelId, record, at }: { modelId: Hex; record: Registered; at: Moment & { timestamp: number } },
): Promise<boolean> {
    const { family } = record.enclave;
    const changes = await eventsOf(deps, {
        abi: modelRegistryAbi,
        address: deps.deployment.contracts.ModelRegistry,
        topics: [null, modelId, uintToHex(family), record.measurementId],
        at,
    });
    const last = changes.findLast(({ name }) => name === "MeasurementNamed" || name === "MeasurementUnnamed");
    return last?.name === "MeasurementNamed" && named.parse(last.values).countsFrom <= at.timestamp;
}

async function eventsOf(
    { provider, deployment }: ChainDeps,
    {
        at,
        fromBlock = deployment.blockNumber,
        ...query
    }: { abi: InterfaceAbi; address: Hex; topics: (string | null)[]; fromBlock?: number; at: Moment },
): Promise<FoundEvent[]> {
    const found = await findEvents({ provider }, { ...query, fromBlock, toBlock: at.blockNumber });
    return found.filter(({ place }) => isBefore({ place, at }));
}

function worst(standings: readonly Standing[]): Standing {
    if (standings.includes("compromised")) return "compromised";
    return standings.includes("retired") ? "retired" : "live";
}

function claimClassName(value: number): EnclaveFacts["claimClass"] {
    const name = Object.entries(CLAIM_CLASSES).find(([, number]) => number === value)?.[0];
    return z.enum(["COMPUTE", "GATEWAY"]).parse(name);
}

function teeFamily(family: number): EnclaveFacts["family"] {
    return z.enum(["TEE_NITRO", "TEE_SGX", "TEE_TDX"]).parse(familyName(family));
}
