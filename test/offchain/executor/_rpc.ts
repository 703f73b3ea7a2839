import { createHttpRpc, type Rpc } from "../../../offchain/executor/shell/chain/rpc.ts";

type Call = Parameters<Rpc["request"]>[0];
/** What happens to a call: it may be passed on (any number of times), changed, or answered without. */
export type Play = (call: Call, pass: (call?: Call) => Promise<unknown>) => Promise<unknown>;

/** An endpoint that misbehaves as told, method by method; what is not told passes. */
export function scriptedRpc({ url }: { url: string }): Rpc & { script: Map<string, Play>; calls: Call[] } {
    const inner = createHttpRpc({ url });
    const script = new Map<string, Play>();
    const calls: Call[] = [];
    return {
        script,
        calls,
        request: async (call) => {
            calls.push(call);
            const play = script.get(call.method);
            const pass = (changed: Call = call) => inner.request(changed);
            return play === undefined ? pass() : play(call, pass);
        },
    };
}

/** Plays only the first `times` calls; then the endpoint is itself again. */
export function firstTimes(times: number, play: Play): Play {
    let left = times;
    return (call, pass) => {
        left -= 1;
        return left >= 0 ? play(call, pass) : pass();
    };
}

/** A door that is closed until it is opened. */
export function createDoor(): { passed: Promise<void>; open: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { passed: promise, open: resolve };
}
