import { createHash } from "node:crypto";
import { bytesToHex, ProtocolError } from "@assay/protocol";
import type { RecordedSetup, SetupJob } from "./_stages.ts";
import { devSetup } from "./devSetup.ts";
import { singleSetup } from "./singleSetup.ts";

/** Makes the keys of a circuit in one go; throws PTAU_MISSING when there is no phase 1 for a real chain. */
export async function makeKeys({
    kind,
    ptau,
    ...job
}: Omit<SetupJob, "ptau"> & { kind: "dev" | "single"; ptau: string | undefined }): Promise<RecordedSetup> {
    if (kind === "single") {
        if (ptau === undefined) throw new ProtocolError({ code: "PTAU_MISSING" });
        return singleSetup({ ...job, ptau });
    }
    job.onProgress?.("making the keys of a development setup");
    const transcriptHash = bytesToHex(createHash("sha256").update(job.r1cs).digest());
    const onShare = tenths((part) => job.onProgress?.(`keys: ${part}0 %`));
    return { setup: await devSetup({ r1cs: job.r1cs, onShare }), record: { kind, transcriptHash } };
}

/** Hears shares of 0 to 1 and passes on each full tenth once, but for the last, which says nothing new. */
function tenths(onTenth: (tenth: number) => void): (share: number) => void {
    let last = 0;
    return (share) => {
        const tenth = Math.floor(share * 10);
        if (tenth > last && tenth < 10) onTenth(tenth);
        last = Math.max(last, tenth);
    };
}
