import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesToHex, type Hex, ProtocolError } from "@assay/protocol";

/** Reads a file of a model's directory and holds it against its digest; throws EXECUTOR_ARTIFACT_CORRUPT. */
export async function readChecked({
    dir,
    file,
    sha256,
}: {
    dir: string;
    file: string;
    sha256: Hex;
}): Promise<Uint8Array> {
    const bytes = await readFile(join(dir, file)).catch((cause: unknown) => {
        throw new ProtocolError({ code: "EXECUTOR_ARTIFACT_CORRUPT", message: `${dir} has no ${file}.`, cause });
    });
    const found = bytesToHex(createHash("sha256").update(bytes).digest());
    if (found === sha256) return bytes;
    const message = `${join(dir, file)} has sha256 ${found}, wanted ${sha256}.`;
    throw new ProtocolError({ code: "EXECUTOR_ARTIFACT_CORRUPT", message });
}
