import { onStage, type RecordedSetup, recorded, type SetupJob } from "./_stages.ts";

const CONTRIBUTOR = "single";

/**
 * A setup by one random contribution on top of a given phase 1. Its secret dies with the process that drew it; that the
 * machine was honest nobody can check. Throws PTAU_INVALID, PTAU_TOO_SMALL, SETUP_INTERRUPTED.
 *
 * @example
 * const { setup, record } = await singleSetup({ r1cs, ptau: "powersOfTau28_hez_final_14.ptau" });
 */
export async function singleSetup(job: SetupJob): Promise<RecordedSetup> {
    return onStage({
        ...job,
        use: async (stage) => {
            const { workspace, begin, follow, start: from, key: to } = stage;
            await workspace.run([...begin, { op: "contribute", from, to, name: CONTRIBUTOR }, follow]);
            return recorded({ ...stage, kind: "single" });
        },
    });
}
