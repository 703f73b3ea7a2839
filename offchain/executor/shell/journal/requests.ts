import { type Hex, plainText } from "@assay/protocol";
import { z } from "zod";
import type { RequestState } from "../../core/state.ts";
import { requesterOf, type Wanted } from "../../core/wanted.ts";
import { decodeState, decodeWanted, encodeState, encodeWanted, read } from "./_codec.ts";
import type { Session } from "./database.ts";

/** A request as journalled: what is wanted, its input (empty when it travels by URI), and where it stands. */
export type JournalledRequest = { wanted: Wanted; input: Uint8Array; state: RequestState };

const stateRows = z.array(z.object({ state: z.unknown() }));
const requestRows = z.array(z.object({ wanted: z.unknown(), input: z.instanceof(Uint8Array), state: z.unknown() }));
const countRows = z.array(z.object({ count: z.coerce.number() }));
const historyRows = z.array(z.object({ event: z.string(), stage: z.string(), detail: z.string() }));

/** Records a request that was seen for the first time. */
export async function insertRequest(
    session: Session,
    { state, wanted, input }: { state: RequestState; wanted: Wanted; input: Uint8Array },
): Promise<void> {
    await session.query(
        `INSERT INTO requests (request_id, origin, requester, wanted, input, stage, deadline, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
            state.requestId,
            state.origin,
            requesterOf(wanted),
            encodeWanted(wanted),
            input,
            state.stage,
            state.deadline ?? null,
            encodeState(state),
        ],
    );
}

/** Records where a request stands now. */
export async function updateState(session: Session, { state }: { state: RequestState }): Promise<void> {
    const row = [state.requestId, state.stage, encodeState(state)];
    await session.query("UPDATE requests SET stage = $2, state = $3 WHERE request_id = $1", row);
}

/** Keeps an input that did not come with its event. */
export async function saveInput(
    session: Session,
    { requestId, input }: { requestId: Hex; input: Uint8Array },
): Promise<void> {
    await session.query("UPDATE requests SET input = $2 WHERE request_id = $1", [requestId, input]);
}

/** Where a request stands; undefined if it was never seen. */
export async function findState(session: Session, requestId: Hex): Promise<RequestState | undefined> {
    const json = await session.query("SELECT state FROM requests WHERE request_id = $1", [requestId]);
    const [row] = read({ schema: stateRows, json });
    return row && decodeState(row.state);
}

/** A request with everything that it wants; undefined if it was never seen. */
export async function findRequest(session: Session, requestId: Hex): Promise<JournalledRequest | undefined> {
    const json = await session.query("SELECT wanted, input, state FROM requests WHERE request_id = $1", [requestId]);
    const [row] = read({ schema: requestRows, json });
    return row && { wanted: decodeWanted(row.wanted), input: row.input, state: decodeState(row.state) };
}

/** All requests that have not come to an end. */
export async function liveStates(session: Session): Promise<RequestState[]> {
    const sql = "SELECT state FROM requests WHERE stage NOT IN ('finished', 'refused', 'closed') ORDER BY deadline";
    return read({ schema: stateRows, json: await session.query(sql) }).map((row) => decodeState(row.state));
}

/** The live requests to which a new head may matter: they wait for depth, or their deadline has passed. */
export async function statesForHead(session: Session, { timestamp }: { timestamp: bigint }): Promise<RequestState[]> {
    const json = await session.query(
        `SELECT state FROM requests
         WHERE stage NOT IN ('finished', 'refused', 'closed')
           AND (stage IN ('seen', 'await') OR state->>'confirmed' = 'false' OR deadline < $1)
         ORDER BY deadline`,
        [timestamp],
    );
    return read({ schema: stateRows, json }).map((row) => decodeState(row.state));
}

/** How many failures were signed for an account, without pay. */
export async function countFailures(session: Session, { requester }: { requester: Hex }): Promise<number> {
    const json = await session.query(
        `SELECT count(*) AS count FROM requests
         WHERE requester = $1 AND request_id IN (
             SELECT outputs.request_id FROM outputs JOIN statements ON statements.request_id = outputs.request_id
             WHERE outputs.result_code <> 0)`,
        [requester],
    );
    return read({ schema: countRows, json })[0]?.count ?? 0;
}

/** Adds a line to the story of a request. */
export async function appendHistory(
    session: Session,
    { requestId, event, stage, detail }: { requestId: Hex; event: string; stage: string; detail: string },
): Promise<void> {
    const sql = "INSERT INTO history (request_id, event, stage, detail) VALUES ($1, $2, $3, $4)";
    await session.query(sql, [requestId, event, stage, plainText(detail)]);
}

/** The story of a request, oldest first. */
export async function historyOf(
    session: Session,
    requestId: Hex,
): Promise<{ event: string; stage: string; detail: string }[]> {
    const sql = "SELECT event, stage, detail FROM history WHERE request_id = $1 ORDER BY id";
    return read({ schema: historyRows, json: await session.query(sql, [requestId]) });
}
