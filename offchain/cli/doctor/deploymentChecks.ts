import {
    DEVELOPMENT_CHAIN_IDS,
    FAMILIES,
    type Hex,
    PRESETS,
    requestIdHub,
    type Statement,
    statementDigest,
    toHex,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import { buildRequest, contractsOf, onChain } from "@assay/sdk";
import type { OpenChain } from "../chain/openChain.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

const REDEPLOY = "Give the deployment file of this chain, or deploy again: node scripts/deploy.ts.";
/** The gate refuses statements dated further ahead of its block than this. */
const GATE_LEAD_SECONDS = 60;
/** A real chain whose newest block is older than this is not being followed. */
const STALE_AFTER_SECONDS = 600;
const SAMPLE_WORD: Hex = `0x${"5a".repeat(32)}`;
const SAMPLE_ADDRESS: Hex = `0x${"5a".repeat(20)}`;

/** Every contract of the file has code on the chain. */
export async function checkCode({ provider, deployment }: OpenChain): Promise<Finding> {
    const named = Object.entries(deployment.contracts).flatMap(([name, at]) =>
        at === undefined ? [] : [{ name, at }],
    );
    const codes = await onChain(() => Promise.all(named.map(({ at }) => provider.getCode(at))));
    const empty = named.filter((_, at) => codes[at] === "0x").map(({ name, at }) => `${name} at ${at}`);
    if (empty.length === 0) return ok("code", `${named.length} contracts have code`);
    return fail("code", { detail: `no code: ${empty.join(", ")}`, fix: REDEPLOY });
}

/** The contracts of the file are those that rely on each other. */
export async function checkWiring({ provider, deployment }: OpenChain): Promise<Finding> {
    const { hub, gate, enclaves } = contractsOf({ deployment, runner: provider });
    const { contracts } = deployment;
    const links = await onChain(async () => [
        { name: "hub.gate", found: await hub.gate(), wanted: contracts.EvidenceGate },
        { name: "hub.token", found: await hub.token(), wanted: contracts.Token ?? ZERO_ADDRESS },
        { name: "gate.models", found: await gate.models(), wanted: contracts.ModelRegistry },
        { name: "gate.executors", found: await gate.executors(), wanted: contracts.ExecutorRegistry },
        { name: "gate.enclaves", found: await gate.enclaves(), wanted: contracts.TeeRegistry },
        { name: "gate.router", found: await gate.router(), wanted: contracts.VerifierRouter },
        { name: "enclaves.policy", found: await enclaves.policy(), wanted: contracts.AttestationPolicy },
        { name: "enclaves.router", found: await enclaves.router(), wanted: contracts.VerifierRouter },
    ]);
    const wrong = links.filter(({ found, wanted }) => toHex(found) !== wanted);
    if (wrong.length === 0) return ok("wiring", "hub, gate and registries are those of the file");
    const detail = wrong.map(({ name, found, wanted }) => `${name} is ${found}, the file says ${wanted}`).join("; ");
    return fail("wiring", { detail, fix: REDEPLOY });
}

/** This version computes ids and digests as the deployed contracts do. */
export async function checkEncoding({ provider, deployment, chainId }: OpenChain): Promise<Finding> {
    const { hub, gate } = contractsOf({ deployment, runner: provider });
    const { InferenceHub, EvidenceGate } = deployment.contracts;
    const wish = { modelId: SAMPLE_WORD, input: new Uint8Array(), policy: PRESETS.ZK, deadline: 1n, feeWei: 1n };
    const { salt, requester, terms } = buildRequest({ chainId, hub: InferenceHub, requester: SAMPLE_ADDRESS }, wish);
    const onHub = await onChain(() => hub.requestIdOf({ salt, requester, terms: { ...terms, executors: [] } }));
    const onGate = await onChain(() => gate.digestOf(SAMPLE_STATEMENT));
    const isSameId = toHex(onHub) === requestIdHub({ chainId, hub: InferenceHub, requester, salt, terms });
    const isSameDigest =
        toHex(onGate) === statementDigest({ chainId, gate: EvidenceGate, statement: SAMPLE_STATEMENT });
    if (isSameId && isSameDigest) return ok("encoding", "request ids and statement digests agree with the chain");
    const detail = `${[isSameId ? [] : "request ids", isSameDigest ? [] : "statement digests"].flat().join(" and ")} differ`;
    return fail("encoding", { detail, fix: "Use the version of assay that the contracts were deployed from." });
}

/** Which families of evidence the router has a verifier for. */
export async function checkFamilies({ provider, deployment }: OpenChain): Promise<Finding> {
    const { router } = contractsOf({ deployment, runner: provider });
    const rows = Object.entries(FAMILIES);
    const enabled = await onChain(() => Promise.all(rows.map(([, family]) => router.isEnabled(family))));
    const names = rows.filter((_, at) => enabled[at]).map(([name]) => name);
    const missing = (["SIGNED", "ZK_GROTH16"] as const).filter((name) => !names.includes(name));
    if (missing.length === 0) return ok("families", names.join(", "));
    return warn("families", {
        detail: `${missing.join(" and ")} disabled; enabled: ${names.join(", ") || "none"}`,
        fix: "Policies that need a disabled family are refused until its verifier is activated.",
    });
}

/** The clocks of chain and machine agree well enough. */
export async function checkClock({ provider, chainId }: OpenChain, nowSeconds: number): Promise<Finding> {
    const block = await onChain(() => provider.getBlock("latest"));
    const driftSeconds = (block?.timestamp ?? 0) - nowSeconds;
    const text = `newest block is ${Math.abs(driftSeconds)} s ${driftSeconds > 0 ? "ahead of" : "behind"} this machine`;
    if (driftSeconds > GATE_LEAD_SECONDS) {
        return warn("clock", { detail: text, fix: "Set this machine's clock; deadlines are counted on the chain's." });
    }
    // A development chain only mines when it is used.
    if (driftSeconds > -STALE_AFTER_SECONDS || DEVELOPMENT_CHAIN_IDS.includes(chainId)) return ok("clock", text);
    return warn("clock", { detail: text, fix: "Check that the node is in sync, and this machine's clock." });
}

const SAMPLE_STATEMENT: Statement = {
    requestId: SAMPLE_WORD,
    modelId: SAMPLE_WORD,
    configHash: ZERO_BYTES32,
    inputHash: SAMPLE_WORD,
    outputHash: SAMPLE_WORD,
    contextHash: ZERO_BYTES32,
    executor: SAMPLE_ADDRESS,
    issuedAt: 1n,
    round: 0n,
    resultCode: 0n,
};
