import path from "node:path";
import { isProtocolError } from "@assay/protocol";
import { UsageError } from "../_usage.ts";
import { readBounded } from "../io/files.ts";
import type { Shell } from "../io/shell.ts";

/** Above every document and collateral that there is; what is longer is no such file. */
const MOST_BYTES = 4 * 1024 * 1024;

/** A file that the command line named, whole; what cannot be read is wrong usage. */
export async function readGiven({ cwd }: Pick<Shell, "cwd">, file: string): Promise<Uint8Array> {
    try {
        const bytes = await readBounded({ file: path.resolve(cwd, file), mostBytes: MOST_BYTES });
        if (bytes !== undefined) return bytes;
    } catch (fault) {
        if (!isProtocolError(fault, "FILE_UNREADABLE")) throw fault;
        throw new UsageError({ message: `${file} cannot be read.`, hint: "name a file that is there and may be read" });
    }
    throw new UsageError({ message: `${file} is longer than 4 MiB.`, hint: "name the file of one document" });
}

/** The bytes of a document: those of the file, or what its text says in hex (also 0x…) or base64, white space anywhere. */
export async function readDocument(shell: Pick<Shell, "cwd">, file: string): Promise<Uint8Array> {
    const bytes = await readGiven(shell, file);
    const text = Buffer.from(bytes).toString("latin1").replaceAll(/\s/g, "");
    const isMarked = /^0x/i.test(text);
    const digits = isMarked ? text.slice(2) : text;
    if (/^([0-9a-fA-F]{2})+$/.test(digits)) return new Uint8Array(Buffer.from(digits, "hex"));
    if (isMarked)
        throw new UsageError({ message: `${file} is not hex after 0x.`, hint: "bring the document unchanged" });
    const isBase64 = /^[A-Za-z0-9+/_-]{4,}={0,2}$/.test(text);
    return isBase64 ? new Uint8Array(Buffer.from(text, "base64")) : bytes;
}
