import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { AttestationProvider, AttestationQuestion, GivenDocument } from "../../core/provider.ts";
import { ask } from "./_ask.ts";

const REPORT_DATA_BYTES = 64;
/** What the kernel calls the provider of TDX quotes. */
const TDX_GUEST = "tdx_guest";

/** How a report's folder is used: as the kernel's configfs, whose files act when they are written and read. */
export type TsmFiles = {
    /** Makes a report; the kernel puts its files into the folder. Fails when there is one of this name. */
    make: (folder: string) => Promise<void>;
    write: (file: string, bytes: Uint8Array) => Promise<void>;
    read: (file: string) => Promise<Uint8Array>;
    /** Ends a report; the kernel takes its files away with the folder. */
    remove: (folder: string) => Promise<void>;
};

const KERNEL_FILES: TsmFiles = {
    make: async (folder) => {
        await mkdir(folder);
    },
    write: (file, bytes) => writeFile(file, bytes),
    read: async (file) => new Uint8Array(await readFile(file)),
    remove: rmdir,
};

/**
 * Intel TDX quotes by Linux' configfs-tsm, 6.7 or newer: a report of our own, its inblob written once, its outblob read,
 * and its generation looked at before and after, so that nobody else's report data can be in the quote.
 */
export function createTsmProvider({
    root,
    name,
    files = KERNEL_FILES,
    timeoutMs,
}: {
    /** Usually /sys/kernel/config/tsm/report. */
    root: string;
    /** Name of a new report. */
    name: () => string;
    files?: TsmFiles;
    timeoutMs?: number | undefined;
}): AttestationProvider {
    return {
        name: "tsm",
        form: "tdx",
        nonceBytes: 0,
        bindsKey: false,
        simulated: false,
        attest: ({ userData, signal }: AttestationQuestion) =>
            ask({
                name: "tsm",
                signal,
                timeoutMs,
                work: async () => {
                    const folder = path.join(root, name());
                    await files.make(folder);
                    try {
                        return await readReport({ folder, files, userData });
                    } finally {
                        await files.remove(folder);
                    }
                },
            }),
    };
}

async function readReport({
    folder,
    files,
    userData,
}: {
    folder: string;
    files: TsmFiles;
    userData: Uint8Array;
}): Promise<GivenDocument> {
    const text = async (file: string) =>
        Buffer.from(await files.read(path.join(folder, file)))
            .toString("latin1")
            .trim();
    const provider = await text("provider");
    if (provider !== TDX_GUEST) throw new Error(`the kernel's provider is ${provider}, not ${TDX_GUEST}`);
    const before = generationOf(await text("generation"));
    const reportData = new Uint8Array(REPORT_DATA_BYTES);
    reportData.set(userData);
    await files.write(path.join(folder, "inblob"), reportData);
    const document = await files.read(path.join(folder, "outblob"));
    const after = generationOf(await text("generation"));
    if (after !== before + 1) throw new Error("somebody else wrote to the report");
    if (document.length === 0) throw new Error("the quote is empty");
    return { document, collateral: new Uint8Array() };
}

function generationOf(text: string): number {
    const generation = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(generation)) return generation;
    throw new Error("the generation is no number");
}
