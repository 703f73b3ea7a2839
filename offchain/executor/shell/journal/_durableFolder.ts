import { closeSync, fsyncSync, openSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

type Options = Parameters<NodeFS["init"]>[1];
type Runtime = Parameters<NonNullable<Options["preRun"]>[number]>[0];
/** The runtime's file system, with the one operation that it leaves out. */
type NodeFiles = {
    stream_ops: { fsync?: (stream: { nfd: number }) => number };
    tryFSOperation: (work: () => void) => void;
    convertNodeCode: (error: { code: string }) => number | undefined;
};

/** Number of an I/O error in the runtime. */
const EIO = 29;

/** Turns off that a commit waits for the disk. */
const UNSAFE = "-F";

/** Parameters of a database whose commits wait for the disk, by fsync: the runtime answers fdatasync without doing it. */
export const DURABLE_START = [
    ...PGlite.defaultStartParams.filter((parameter) => parameter !== UNSAFE),
    "-c",
    "wal_sync_method=fsync",
];

/** Files of a database that are on the disk when it says so: a commit survives a power cut, too. */
export class DurableFolder extends NodeFS {
    override async init(...given: Parameters<NodeFS["init"]>): ReturnType<NodeFS["init"]> {
        const { emscriptenOpts } = await super.init(...given);
        return { emscriptenOpts: { ...emscriptenOpts, preRun: [addFsync, ...(emscriptenOpts.preRun ?? [])] } };
    }

    /** Brings all to the disk that was written without waiting, as when the database was made. */
    syncAll(): void {
        for (const path of readdirSync(this.rootDir, { recursive: true, encoding: "utf8" })) {
            sync(join(this.rootDir, path));
        }
        sync(this.rootDir);
    }
}

/** Brings the names in a folder to the disk, and those of the folders above it up to the one that was there before. */
export function syncNames(folder: string, { firstMade }: { firstMade: string | undefined }): void {
    sync(folder);
    if (firstMade !== undefined && folder.length >= firstMade.length) syncNames(dirname(folder), { firstMade });
}

function sync(path: string): void {
    const file = openSync(path, "r");
    fsyncSync(file);
    closeSync(file);
}

function addFsync({ NODEFS }: Runtime): void {
    const files = NODEFS as unknown as NodeFiles;
    const convert = files.convertNodeCode;
    // A refusal that the runtime has no number for, such as that of a quota, would count as none.
    files.convertNodeCode = (error) => convert(error) ?? EIO;
    files.stream_ops.fsync = ({ nfd }) => {
        files.tryFSOperation(() => fsyncSync(nfd));
        return 0;
    };
}
