import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Hex, parseReceipt, type Receipt, toHex } from "@assay/protocol";

/**
 * Writes a copy of a receipt as a file. The journal belongs to one process; whoever brings the evidence of a pull request
 * reads the copy while the executor runs.
 */
export async function writeReceiptFile({
    home,
    requestId,
    receipt,
}: {
    home: string;
    requestId: Hex;
    receipt: string;
}): Promise<void> {
    const file = fileOf({ home, requestId });
    await mkdir(join(home, "receipts"), { recursive: true });
    // Several executors may share a home and serve the same pull request.
    const part = `${file}.${randomUUID()}.part`;
    await writeFile(part, `${receipt}\n`);
    await rename(part, file);
}

/** The receipt that an executor of this home kept for a request; undefined if there is none. Throws RECEIPT_MALFORMED. */
export async function readReceiptFile({
    home,
    requestId,
}: {
    home: string;
    requestId: Hex;
}): Promise<Receipt | undefined> {
    const text = await readFile(fileOf({ home, requestId }), "utf8").catch((error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
    });
    return text === undefined ? undefined : parseReceipt(JSON.parse(text));
}

function fileOf({ home, requestId }: { home: string; requestId: Hex }): string {
    return join(home, "receipts", `${toHex(requestId, 32)}.json`);
}
