import {
    contributionsOf,
    onStage,
    type RecordedSetup,
    recorded,
    type SetupJob,
    type Stage,
    transcriptOf,
} from "./_stages.ts";
import type { Transcript } from "./transcript.ts";

type Checked = SetupJob & { zkey: Uint8Array };

/** A setup that was checked, and whether its phase 1 is a file of the public ceremony: of any other, nobody can say who knows its tau. */
export type CheckedSetup = RecordedSetup & { isPhase1Public: boolean };

/**
 * Checks that a proving key is what a circuit, a phase 1 and the contributions in the key make, and that these are enough
 * for its kind. Throws SETUP_KEY_INVALID, SETUP_UNFINISHED, PTAU_INVALID, PTAU_TOO_SMALL, SETUP_INTERRUPTED.
 */
export async function checkSetup({ kind, ...job }: Checked & { kind: "single" | "ceremony" }): Promise<CheckedSetup> {
    const use = async (stage: Stage) => ({
        ...(await recorded({ ...stage, kind })),
        isPhase1Public: stage.ptau.isKnown,
    });
    return followed({ ...job, use });
}

/** The same for a ceremony under way: what its key was made from so far. */
export async function checkContributions(job: Checked): Promise<Transcript> {
    return followed({ ...job, use: transcriptOf });
}

async function followed<T>({ zkey, use, ...job }: Checked & { use: (stage: Stage) => Promise<T> }): Promise<T> {
    await contributionsOf(zkey);
    return onStage({
        ...job,
        use: async (stage) => {
            await stage.workspace.put("key.zkey", zkey);
            await stage.workspace.run([...stage.begin, stage.follow]);
            return use(stage);
        },
    });
}
