import { ProtocolError } from "@assay/protocol";
import { contributionsOf, onStage, type RecordedSetup, recorded, requireEnough, type SetupJob } from "./_stages.ts";
import { inWorkspace } from "./_workspace.ts";
import { BEACON_ITERATIONS_LOG2, type Contribution } from "./contributions.ts";

/** Public randomness that nobody knew before the last contribution was in. */
export type Beacon = {
    /** 16 to 255 bytes in hex without 0x. */
    value: string;
    /** 2^iterationsLog2 rounds of sha256: 10 to 24. */
    iterationsLog2: number;
};

/** snarkjs keeps a name's length in one byte. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._@/-]{0,59}$/u;
const BEACON_VALUE = /^([0-9a-f]{2}){16,255}$/i;

/** The key that the contributions of a ceremony start from. It is no key yet: anybody can forge proofs for it. */
export async function startKey(job: SetupJob): Promise<Uint8Array> {
    return onStage({
        ...job,
        use: async ({ workspace, begin }) => {
            await workspace.run(begin);
            return workspace.take("start.zkey");
        },
    });
}

/**
 * Adds a random contribution to a key; the secret dies with the process that drew it. Gives the key and what the
 * contributor publishes. Throws CEREMONY_NAME_INVALID, SETUP_KEY_INVALID, SETUP_INTERRUPTED.
 */
export async function addContribution({
    zkey,
    name,
    signal,
}: {
    zkey: Uint8Array;
    name: string;
    signal?: AbortSignal | undefined;
}): Promise<{ zkey: Uint8Array; contribution: Contribution }> {
    if (!NAME.test(name)) throw new ProtocolError({ code: "CEREMONY_NAME_INVALID" });
    const { contributions } = await contributionsOf(zkey);
    if (contributions.some(({ beacon }) => beacon !== undefined)) {
        throw new ProtocolError({ code: "SETUP_KEY_INVALID", message: "The ceremony of this key is finished." });
    }
    return inWorkspace({
        signal,
        use: async (workspace) => {
            const from = await workspace.put("from.zkey", zkey);
            await workspace.run([{ op: "contribute", from, to: workspace.path("to.zkey"), name }]);
            const next = await workspace.take("to.zkey");
            const contribution = (await contributionsOf(next)).contributions.at(-1);
            if (contribution === undefined) throw new TypeError("snarkjs added no contribution.");
            return { zkey: next, contribution };
        },
    });
}

/**
 * The key that a beacon makes of the last contribution, once everything in it is checked. Throws CEREMONY_BEACON_INVALID,
 * SETUP_UNFINISHED, SETUP_KEY_INVALID, PTAU_INVALID, PTAU_TOO_SMALL, SETUP_INTERRUPTED.
 */
export async function finishSetup({
    zkey,
    beacon,
    ...job
}: SetupJob & { zkey: Uint8Array; beacon: Beacon }): Promise<RecordedSetup> {
    requireBeacon(beacon);
    const { contributions } = await contributionsOf(zkey);
    const last: Contribution = { name: "beacon", hash: "0x", beacon: { ...beacon, value: "0x" } };
    requireEnough({ kind: "ceremony", contributions: [...contributions, last] });
    return onStage({
        ...job,
        use: async (stage) => {
            const { workspace, begin, follow, key: to } = stage;
            const from = await workspace.put("last.zkey", zkey);
            await workspace.run([...begin, { op: "beacon", from, to, name: "beacon", ...beacon }, follow]);
            return recorded({ ...stage, kind: "ceremony" });
        },
    });
}

function requireBeacon({ value, iterationsLog2 }: Beacon): void {
    const { min, max } = BEACON_ITERATIONS_LOG2;
    const isCount = Number.isInteger(iterationsLog2) && iterationsLog2 >= min && iterationsLog2 <= max;
    if (!BEACON_VALUE.test(value) || !isCount) throw new ProtocolError({ code: "CEREMONY_BEACON_INVALID" });
}
