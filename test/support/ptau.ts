/** Phase 1 files for tests: small, with one contribution. */
import { rm } from "node:fs/promises";
import { buildBn128 } from "ffjavascript";
import { powersOfTau } from "snarkjs";

/** Writes a file of 2^log2Size powers, prepared for phase 2 unless told otherwise, and lets the worker threads go. */
export async function makePtau({
    file,
    log2Size,
    isPrepared = true,
}: {
    file: string;
    log2Size: number;
    isPrepared?: boolean;
}): Promise<string> {
    const curve = await buildBn128();
    const [started, contributed] = [`${file}.started`, isPrepared ? `${file}.contributed` : file];
    try {
        await powersOfTau.newAccumulator(curve, log2Size, started);
        await powersOfTau.contribute(started, contributed, "test", "entropy of a test");
        if (isPrepared) await powersOfTau.preparePhase2(contributed, file);
        return file;
    } finally {
        await curve.terminate();
        await Promise.all([started, `${file}.contributed`].map((path) => rm(path, { force: true })));
    }
}
