import { closeSync, fsyncSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

type Options = Parameters<NodeFS["init"]>[1];
type Runtime = Parameters<NonNullable<Options["preRun"]>[number]>[0];
/** The runtime's file system, with the one operation that it leaves out. */
type NodeFiles = {
    stream_ops: { fsync?: (stream: { nfd: number }) => number };
    tryFSOperation: (work: () => void) => void;
};

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
        for (const path of [".", ...readdirSync(this.rootDir, { recursive: true, encoding: "utf8" })]) {
            const file = openSync(join(this.rootDir, path), "r");
            fsyncSync(file);
            closeSync(file);
        }
    }
}

function addFsync({ NODEFS }: Runtime): void {
    const files = NODEFS as unknown as NodeFiles;
    files.stream_ops.fsync = ({ nfd }) => {
        files.tryFSOperation(() => fsyncSync(nfd));
        return 0;
    };
}
