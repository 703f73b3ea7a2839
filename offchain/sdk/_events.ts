import { type Hex, toHex } from "@assay/protocol";
import { Interface, type InterfaceAbi, type Log, type Provider } from "ethers";
import { findLogs, type LogQuery } from "./_logs.ts";
import { namedValues } from "./abiValue.ts";

/** Where on the chain something was recorded. */
export type LogPlace = { blockNumber: number; blockHash: Hex; transactionHash: Hex; logIndex: number };

/** A place in the order of all events: after every earlier block and, in this block, after the logs before `logIndex`. */
export type Moment = { blockNumber: number; logIndex?: number };

/** One decoded event; `values` are for a schema to read. */
export type FoundEvent = { name: string; values: Record<string, unknown>; place: LogPlace };

/** The events of a contract, of all names unless some are given, in a range of blocks, in chain order. */
export async function findEvents(
    { provider }: { provider: Provider },
    { abi, names, ...query }: LogQuery & { abi: InterfaceAbi; names?: readonly string[] },
): Promise<FoundEvent[]> {
    const contract = new Interface(abi);
    const logs = await findLogs({ provider }, query);
    return logs.flatMap((log) => {
        const found = contract.parseLog(log);
        if (found === null || names?.includes(found.name) === false) return [];
        const values = namedValues({ inputs: found.fragment.inputs, args: found.args });
        return [{ name: found.name, values, place: placeOf(log) }];
    });
}

/** Whether something had been recorded at a moment; without a log index the moment is the end of its block. */
export function isBefore({ place, at }: { place: LogPlace; at: Moment }): boolean {
    if (place.blockNumber !== at.blockNumber) return place.blockNumber < at.blockNumber;
    return at.logIndex === undefined || place.logIndex < at.logIndex;
}

function placeOf({ blockNumber, blockHash, transactionHash, index }: Log): LogPlace {
    return { blockNumber, blockHash: toHex(blockHash), transactionHash: toHex(transactionHash), logIndex: index };
}
