import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { concat, ProtocolError } from "@assay/protocol";
import { z } from "zod";
import { SCALAR_BYTES } from "./_fixedBase.ts";
import { type Multiples, multiplyHere, type Scalars } from "./_multiply.ts";

/** Processes, not threads: in a thread of somebody else's, ffjavascript takes itself for one of its own workers. */
const PROCESS = fileURLToPath(new URL("./_multiplyProcess.ts", import.meta.url));
/** Below this many scalars a process costs more time than it saves. */
const FEWEST_FOR_PROCESSES = 20_000;
/** More would only take memory: each has its own tables. */
const MOST_PROCESSES = 8;

const multiples = z.object({ g1: z.instanceof(Uint8Array), g2: z.instanceof(Uint8Array) });
const said = z.union([multiples, z.object({ points: z.number() })]);

/** Lists of scalars for the generator of either group. */
type ScalarLists = { g1: readonly (readonly bigint[])[]; g2: readonly (readonly bigint[])[] };
type OnPoints = (count: number) => void;

/**
 * Multiplies both generators by lists of scalars, on all processors; for each list its points, affine in Montgomery
 * form, back to back. The points do not depend on how many processors there are. `onShare` hears, now
 * and then, which part of the points there is, 0 to 1. Throws SETUP_INTERRUPTED.
 */
export async function multiplyGenerators({
    g1,
    g2,
    onShare = () => {},
}: ScalarLists & { onShare?: (share: number) => void }): Promise<{ g1: Uint8Array[]; g2: Uint8Array[] }> {
    const scalars = { g1: encode(g1.flat()), g2: encode(g2.flat()) };
    let made = 0;
    const points = await multiplyAll(scalars, (count) => {
        made += count;
        onShare(made / countOf(scalars));
    });
    return { g1: cut({ points: points.g1, lists: g1 }), g2: cut({ points: points.g2, lists: g2 }) };
}

async function multiplyAll(scalars: Scalars, onPoints: OnPoints): Promise<Multiples> {
    const processes = Math.min(availableParallelism(), MOST_PROCESSES);
    if (processes === 1 || countOf(scalars) < FEWEST_FOR_PROCESSES) return multiplyHere(scalars, onPoints);
    const shares = Array.from({ length: processes }, (_, index) => ({
        g1: shareOf({ bytes: scalars.g1, index, processes }),
        g2: shareOf({ bytes: scalars.g2, index, processes }),
    }));
    const parts = await Promise.all(shares.map((share) => multiplyInProcess(share, onPoints)));
    return { g1: concat(...parts.map((part) => part.g1)), g2: concat(...parts.map((part) => part.g2)) };
}

async function multiplyInProcess(share: Scalars, onPoints: OnPoints): Promise<Multiples> {
    const child = fork(PROCESS, { execArgv: [], env: {}, serialization: "advanced" });
    try {
        return await new Promise<Multiples>((resolve, reject) => {
            child.on("message", (message) => {
                const parsed = said.parse(message);
                if ("points" in parsed) onPoints(parsed.points);
                else resolve(parsed);
            });
            child.once("error", reject);
            child.once("exit", () => reject(new ProtocolError({ code: "SETUP_INTERRUPTED" })));
            child.send(share, (fault) => fault !== null && reject(fault));
        });
    } finally {
        child.kill("SIGKILL");
    }
}

function countOf({ g1, g2 }: Scalars): number {
    return (g1.length + g2.length) / SCALAR_BYTES;
}

function shareOf({ bytes, index, processes }: { bytes: Uint8Array; index: number; processes: number }): Uint8Array {
    const count = bytes.length / SCALAR_BYTES;
    const [first, end] = [index, index + 1].map((part) => Math.floor((count * part) / processes) * SCALAR_BYTES);
    return bytes.slice(first, end);
}

/** The points of each list. */
function cut({ points, lists }: { points: Uint8Array; lists: readonly (readonly bigint[])[] }): Uint8Array[] {
    const pointBytes = points.length / lists.reduce((sum, { length }) => sum + length, 0);
    let offset = 0;
    return lists.map(({ length }) => {
        const first = offset;
        offset += length * pointBytes;
        return points.subarray(first, offset);
    });
}

function encode(scalars: readonly bigint[]): Uint8Array {
    const bytes = new Uint8Array(scalars.length * SCALAR_BYTES);
    const view = new DataView(bytes.buffer);
    for (const [index, scalar] of scalars.entries()) {
        for (let word = 0; word < SCALAR_BYTES / 8; word++) {
            const digits = BigInt.asUintN(64, scalar >> BigInt(64 * word));
            view.setBigUint64(index * SCALAR_BYTES + 8 * word, digits, true);
        }
    }
    return bytes;
}
