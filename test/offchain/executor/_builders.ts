import { type Hex, PRESETS, type Statement, type Terms, ZERO_ADDRESS, ZERO_BYTES32 } from "@assay/protocol";
import type { RequestEvent } from "../../../offchain/executor/core/events.ts";
import type { Head, RequestState, Rules, Settlement } from "../../../offchain/executor/core/state.ts";
import type { HubWanted } from "../../../offchain/executor/core/wanted.ts";

/** 32 bytes that end in `n`. */
export function word(n: number): Hex {
    return `0x${n.toString(16).padStart(64, "0")}`;
}

/** An address that ends in `n`. */
export function account(n: number): Hex {
    return `0x${n.toString(16).padStart(40, "0")}`;
}

export const US = account(0xe1);
export const SOMEBODY = account(0xbad);
export const REQUEST_ID = word(0x1d);

export function aHead(number = 10, { hash = word(number), timestamp = 1_000n }: Partial<Head> = {}): Head {
    return { number, hash, timestamp };
}

export function someRules(rules: Partial<Rules> = {}): Rules {
    return {
        executor: US,
        requestConfirmations: 0,
        deliveryConfirmations: 0,
        maxStarts: 4,
        maxDeaths: 3,
        maxStatements: 2,
        maxReverts: 1,
        retryDelayMs: 100,
        maxRetryDelayMs: 1_000,
        ...rules,
    };
}

export function aState(state: Partial<RequestState> = {}): RequestState {
    return {
        requestId: REQUEST_ID,
        origin: "hub",
        deadline: 2_000n,
        included: { number: 10, hash: word(10) },
        confirmed: true,
        stage: "admit",
        starts: 1,
        begun: false,
        deaths: 0,
        plan: { families: [0], mayFail: false },
        resultCode: undefined,
        statements: 0,
        reverts: 0,
        settlement: undefined,
        outcome: undefined,
        endedFrom: undefined,
        ...state,
    };
}

export function aSettlement(settlement: Partial<Settlement> = {}): Settlement {
    return { how: "delivered", block: { number: 11, hash: word(11) }, txHash: word(0x7a), executor: US, ...settlement };
}

export function aRequested(event: Partial<Extract<RequestEvent, { kind: "requested" }>> = {}): RequestEvent {
    return {
        kind: "requested",
        requestId: REQUEST_ID,
        origin: "hub",
        deadline: 2_000n,
        block: { number: 10, hash: word(10) },
        head: aHead(10),
        ...event,
    };
}

export function someWanted(terms: Partial<Terms> = {}): HubWanted {
    return {
        origin: "hub",
        requester: SOMEBODY,
        salt: word(0x5a),
        inputUri: "",
        terms: {
            modelId: word(0x1),
            configHash: ZERO_BYTES32,
            inputHash: word(0x2),
            policy: PRESETS.SIGNED,
            executors: [US],
            minStakeWei: 0n,
            feeWei: 10n ** 15n,
            token: ZERO_ADDRESS,
            deadline: 2_000n,
            callback: ZERO_ADDRESS,
            callbackGas: 0n,
            refundee: SOMEBODY,
            ...terms,
        },
    };
}

export function aStatement(statement: Partial<Statement> = {}): Statement {
    return {
        requestId: REQUEST_ID,
        modelId: word(0x1),
        configHash: ZERO_BYTES32,
        inputHash: word(0x2),
        outputHash: word(0x3),
        contextHash: ZERO_BYTES32,
        executor: US,
        issuedAt: 1_000n,
        round: 0n,
        resultCode: 0n,
        ...statement,
    };
}
