import type { Prover } from "@assay/executor";
import { createCache, type OpenedModel, type PortedSession } from "@assay/executor/parts";
import {
    bindOf,
    bytesToHex,
    encodeGroth16,
    type Hex,
    hexToBytes,
    isProtocolError,
    ProtocolError,
} from "@assay/protocol";
import type { ModelsDeps } from "./deps.ts";

const DEFAULT_CAPACITY = 64;

/** Models that are loaded when they are needed. */
export type Workshop = {
    /** Runs work with a model's session, which is loaded now if it is not. */
    use: <R>(model: OpenedModel, work: (session: PortedSession) => Promise<R>) => Promise<R>;
    /**
     * Groth16 evidence over a statement's digest. The circuit computes its own output, which must be the given one.
     * Throws EXECUTOR_PROVER_FAILED, EXECUTOR_EVIDENCE_INVALID.
     */
    prove: (question: ProofQuestion) => Promise<Uint8Array>;
    close: () => Promise<void>;
};

type ProofQuestion = { model: OpenedModel; digest: Hex; input: Uint8Array; output: Uint8Array };

/** Keeps at most `capacity` models loaded beyond those in use, of each kind. */
export function createWorkshop({
    engines,
    capacity = DEFAULT_CAPACITY,
}: Pick<ModelsDeps, "engines" | "capacity">): Workshop {
    const byDigest = new Map<string, OpenedModel>();
    const sessions = createCache<PortedSession>({
        capacity,
        open: async (digest) => {
            const model = byDigest.get(digest);
            if (model === undefined) throw new Error(`${digest} was never opened.`);
            return engines.createSession(await model.readArtifact());
        },
        close: (session) => session.close(),
    });
    const provers = createCache<Prover>({
        capacity,
        open: (modelDir) => engines.createProver({ modelDir }),
        close: (prover) => prover.close(),
    });
    return {
        use: (model, work) => {
            byDigest.set(model.spec.artifactDigest, model);
            return sessions.use(model.spec.artifactDigest, work);
        },
        prove: async ({ model: { compiledDir, name }, digest, input, output }) => {
            if (compiledDir === undefined) throw new Error(`${name} has no circuit.`);
            const proven = await provers
                .use(compiledDir, (prover) => prover.prove({ input, bind: bindOf(digest) }))
                .catch(proverFailed);
            if (bytesToHex(proven.output) === bytesToHex(output)) return hexToBytes(encodeGroth16(proven).data);
            const message = `The circuit gives ${bytesToHex(proven.output)}, the model ${bytesToHex(output)}.`;
            throw new ProtocolError({ code: "EXECUTOR_EVIDENCE_INVALID", message });
        },
        close: async () => {
            await sessions.close();
            await provers.close();
        },
    };
}

/** A fault with a code of its own keeps it. */
function proverFailed(cause: unknown): never {
    if (isProtocolError(cause)) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ProtocolError({ code: "EXECUTOR_PROVER_FAILED", message: `${message}.`, cause });
}
