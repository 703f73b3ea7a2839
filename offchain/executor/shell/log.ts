import { type Logger, pino } from "pino";

/** One JSON object per line on stderr, so that stdout stays free for results. */
export function createLog({ level }: { level: string }): Logger {
    const stderr = 2;
    return pino({ name: "executor", level }, pino.destination({ dest: stderr, sync: true }));
}
