import { Writable } from "node:stream";
import type { Hex } from "@assay/protocol";
import { type Logger, pino } from "pino";
import { z } from "zod";

const lineSchema = z.looseObject({
    msg: z.string(),
    requestId: z.string().optional(),
    stage: z.string().optional(),
    event: z.string().optional(),
    code: z.string().optional(),
    detail: z.string().optional(),
    txHash: z.string().optional(),
});
export type LogLine = z.output<typeof lineSchema>;
type Wanted = (line: LogLine) => boolean;

/** A log that tests wait on: what the executor says of itself is the event, so that nobody has to sleep. */
export function createTestLog(): { log: Logger; lines: LogLine[]; seen: (wanted: Wanted) => Promise<LogLine> } {
    const lines: LogLine[] = [];
    const waiting = new Set<{ wanted: Wanted; resolve: (line: LogLine) => void }>();
    const destination = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
            const line = lineSchema.parse(JSON.parse(chunk.toString("utf8")));
            lines.push(line);
            if (process.env.ASSAY_TEST_LOG) console.error(chunk.toString("utf8").trim());
            for (const waiter of waiting) {
                if (!waiter.wanted(line)) continue;
                waiting.delete(waiter);
                waiter.resolve(line);
            }
            done();
        },
    });
    return {
        log: pino({ level: "trace" }, destination),
        lines,
        /** The first line, said already or later, that is wanted. */
        seen: (wanted) => {
            const before = lines.find(wanted);
            if (before !== undefined) return Promise.resolve(before);
            return new Promise((resolve) => waiting.add({ wanted, resolve }));
        },
    };
}

/** A request reached a stage. */
export function reached({ requestId, stage }: { requestId: Hex; stage: string }): Wanted {
    return (line) => line.requestId === requestId && line.stage === stage;
}
