import { createHash } from "node:crypto";
import { bytesToHex, ProtocolError } from "@assay/protocol";
import { publicCountOf } from "../circuit/system/r1cs.ts";
import { readR1cs } from "../circuit/system/readR1cs.ts";
import { keyOfZkey } from "./_keyOfZkey.ts";
import type { Phase2Job } from "./_phase2.ts";
import { log2DomainSize } from "./_qap.ts";
import { inWorkspace, type Workspace } from "./_workspace.ts";
import { type Contributions, readContributions } from "./contributions.ts";
import type { SetupResult } from "./devSetup.ts";
import { type Ptau, readPtau } from "./ptau.ts";
import { faultOfTranscript, recordOf, type SetupRecord, type Transcript } from "./transcript.ts";

/** What a setup for real chains starts from. */
export type SetupJob = {
    r1cs: Uint8Array;
    /** Path of a phase 1 file, prepared for phase 2. */
    ptau: string;
    onProgress?: ((line: string) => void) | undefined;
    signal?: AbortSignal | undefined;
};

/** A key with how it came to be. */
export type RecordedSetup = { setup: SetupResult; record: SetupRecord };

/** What the steps of a setup hand on: start.zkey, which contributions start from, and key.zkey, which they lead to. */
export type Stage = {
    workspace: Workspace;
    ptau: Ptau;
    r1cs: Uint8Array;
    /** Verifies phase 1, unless it is known, and makes start.zkey. */
    begin: Phase2Job[];
    /** Checks that key.zkey follows from start.zkey. */
    follow: Phase2Job;
    start: string;
    key: string;
};

/** Runs with the stage of a setup; throws R1CS_INVALID, PTAU_INVALID, PTAU_TOO_SMALL. */
export async function onStage<T>({
    r1cs,
    ptau: file,
    onProgress,
    signal,
    use,
}: SetupJob & { use: (stage: Stage) => Promise<T> }): Promise<T> {
    const ptau = await readPtau({ file, log2Size: log2DomainSize(readR1cs(r1cs)) });
    return inWorkspace({
        onProgress,
        signal,
        use: async (workspace) => {
            const [start, key] = [workspace.path("start.zkey"), workspace.path("key.zkey")];
            const begin: Phase2Job = {
                op: "begin",
                r1cs: await workspace.put("circuit.r1cs", r1cs),
                ptau: file,
                to: start,
            };
            return use({
                workspace,
                ptau,
                r1cs,
                begin: ptau.isKnown ? [begin] : [{ op: "verifyPtau", ptau: file }, begin],
                follow: { op: "verify", start, ptau: file, key },
                start,
                key,
            });
        },
    });
}

/** What key.zkey of a stage says it was made from; the caller has checked that it follows. */
export async function transcriptOf({ workspace, r1cs, ptau: { sha256, log2Size } }: Stage): Promise<Transcript> {
    return {
        r1cs: bytesToHex(createHash("sha256").update(r1cs).digest()),
        ptau: { sha256, log2Size },
        ...(await contributionsOf(await workspace.take("key.zkey"))),
    };
}

/** key.zkey of a stage, once its contributions are enough; the caller has checked that it follows. */
export async function recorded(stage: Stage & { kind: "single" | "ceremony" }): Promise<RecordedSetup> {
    const { workspace, r1cs, kind } = stage;
    const transcript = await transcriptOf(stage);
    requireEnough({ kind, contributions: transcript.contributions });
    const publicCount = publicCountOf(readR1cs(r1cs));
    const setup = await keyOfZkey({ zkey: await workspace.take("key.zkey"), publicCount }).catch(refused);
    return { setup, record: recordOf({ kind, transcript }) };
}

/** Throws SETUP_UNFINISHED when contributions do not make a setup of a kind. */
export function requireEnough(made: Pick<Transcript, "contributions"> & { kind: "single" | "ceremony" }): void {
    const fault = faultOfTranscript(made);
    if (fault !== undefined) throw new ProtocolError({ code: "SETUP_UNFINISHED", message: `This setup: ${fault}.` });
}

/**
 * The contributions in a key; throws SETUP_KEY_INVALID when it is none. Read it before snarkjs does: that would repeat
 * a beacon for years.
 */
export async function contributionsOf(zkey: Uint8Array): Promise<Contributions> {
    return readContributions(zkey).catch(refused);
}

function refused(cause: unknown): never {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ProtocolError({ code: "SETUP_KEY_INVALID", message: `The proving key: ${cause.message}`, cause });
}
