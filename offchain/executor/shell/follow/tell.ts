import type { Logger } from "pino";
import type { RequestEvent } from "../../core/events.ts";
import type { Head } from "../../core/state.ts";
import type { RawLog } from "../chain/chain.ts";
import { type Addresses, type ChainEvent, readLog } from "../chain/events.ts";
import { insertLog } from "../journal/chain.ts";
import type { Report, Work } from "../work/decisions.ts";

/** Journals logs that were not known yet and reports what they say, in the order they are given. */
export function tellLogs({
    addresses,
    logs,
    head,
    log,
}: {
    addresses: Addresses;
    logs: readonly RawLog[];
    head: Head;
    log: Logger;
}): Work {
    return async ({ session, report }) => {
        for (const raw of logs) {
            const event = readLog({ addresses, log: raw });
            if (event === undefined) {
                const { txHash, logIndex, address } = raw;
                log.warn({ txHash, logIndex, address }, "log ignored: it is not what its event promises");
                continue;
            }
            const { place, kind, requestId } = event;
            if (await insertLog(session, { place, kind, requestId })) await report(reportOf({ event, head }));
        }
    };
}

function reportOf({ event, head }: { event: ChainEvent; head: Head }): Report {
    const { requestId, place } = event;
    if (event.kind === "settled") {
        return { requestId, event: { kind: "settled", settlement: event.settlement, head } };
    }
    const { wanted, input } = event;
    const seen: RequestEvent = {
        kind: "requested",
        requestId,
        origin: wanted.origin,
        deadline: wanted.origin === "hub" ? wanted.terms.deadline : undefined,
        block: place.block,
        head,
    };
    return { requestId, event: seen, born: { wanted, input } };
}
