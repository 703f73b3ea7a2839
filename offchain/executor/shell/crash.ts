/**
 * Called between any two things whose order matters. In production it does nothing. For tests of crash safety, the
 * variable ASSAY_CRASH_AT names one point (`sign.before`, `deliver.acted`, …) at which the process kills itself as
 * `kill -9` would: nothing is flushed, no handler runs.
 */
export type CrashPoint = (point: string) => void;

/** The crash point of this process's environment. */
export function crashPointOf({ crashAt }: { crashAt: string | undefined }): CrashPoint {
    if (crashAt === undefined || crashAt === "") return () => {};
    return (point) => {
        if (point === crashAt) process.kill(process.pid, "SIGKILL");
    };
}
