import { encodePolicy, type Hex, minimumFeeWei, PRESETS, type Terms } from "@assay/protocol";
import { expect } from "chai";
import { admit, type Facts, type Offer } from "../../../offchain/executor/core/admit.ts";
import { askOf, type Wanted } from "../../../offchain/executor/core/wanted.ts";
import { account, SOMEBODY, someWanted, US, word } from "./_builders.ts";

const GAS_PRICE_WEI = 10n ** 9n;
const TOKEN = account(0x70);
const ENOUGH_WEI = minimumFeeWei({ policy: PRESETS.SIGNED_AND_ZK, callbackGas: 0n, gasPriceWei: GAS_PRICE_WEI });

function hub(terms: Partial<Terms> = {}): Wanted {
    return someWanted({ feeWei: ENOUGH_WEI, ...terms });
}

function pull(terms: Partial<Terms> = {}): Wanted {
    return { origin: "pull", consumer: SOMEBODY, salt: word(3), ask: askOf(hub(terms)) };
}

function anOffer(offer: Partial<Offer> = {}): Offer {
    return { executor: US, families: [0, 1, 3, 4], feePercent: 100n, tokens: [], failureAllowance: 3, ...offer };
}

function someFacts(facts: Partial<Facts> = {}): Facts {
    return {
        chainTime: 1_000n,
        secondsNeeded: (families) => (families.includes(4) ? 60 : 1),
        gasPriceWei: GAS_PRICE_WEI,
        model: { exactInt: true, provable: true, committed: false },
        attestable: [],
        missing: [],
        canSign: true,
        stakeWei: 0n,
        failuresSigned: 0,
        ...facts,
    };
}

type Row = { it: string; wanted?: Wanted; offer?: Partial<Offer>; facts?: Partial<Facts> };

const ADMITTED: readonly (Row & { families: number[]; mayFail: boolean })[] = [
    { it: "signs for who named us", families: [0], mayFail: true },
    { it: "proves for anybody", wanted: hub({ policy: PRESETS.ZK, executors: [] }), families: [4], mayFail: false },
    {
        it: "makes both when both are wanted",
        wanted: hub({ policy: PRESETS.SIGNED_AND_ZK }),
        families: [0, 4],
        mayFail: true,
    },
    {
        it: "takes the cheapest clause that it can meet",
        wanted: hub({ policy: encodePolicy({ clauses: [0b1, 0b10000] }) }),
        families: [0],
        mayFail: true,
    },
    {
        it: "proves when the cheaper clause cannot be met",
        wanted: hub({ policy: encodePolicy({ clauses: [0b1, 0b10000] }) }),
        facts: { canSign: false },
        families: [4],
        mayFail: false,
    },
    {
        it: "signs without a name when it has the stake",
        wanted: hub({ executors: [], minStakeWei: 5n }),
        facts: { stakeWei: 5n },
        families: [0],
        mayFail: false,
    },
    {
        it: "attests with the enclaves it has",
        wanted: hub({ policy: PRESETS.TEE, executors: [] }),
        facts: { attestable: [3] },
        families: [3],
        mayFail: false,
    },
    {
        it: "attests rather than proves",
        wanted: hub({ policy: PRESETS.ZK_OR_TWO_TEE_VENDORS }),
        offer: { families: [0, 1, 2, 3, 4] },
        facts: { attestable: [1, 2, 3] },
        families: [1, 2],
        mayFail: true,
    },
    {
        it: "does not take SGX and TDX for two vendors",
        wanted: hub({ policy: encodePolicy({ clauses: [0b1100, 0b10000], flags: 0b10 }) }),
        offer: { families: [0, 1, 2, 3, 4] },
        facts: { attestable: [2, 3] },
        families: [4],
        mayFail: true,
    },
    {
        it: "proves when no enclave may attest the model",
        wanted: hub({ policy: PRESETS.ZK_OR_TWO_TEE_VENDORS }),
        facts: { attestable: [1] },
        families: [4],
        mayFail: true,
    },
    {
        it: "prices only the clause it serves",
        wanted: hub({
            policy: encodePolicy({ clauses: [0b1, 0b10000] }),
            feeWei: minimumFeeWei({ policy: PRESETS.SIGNED, callbackGas: 0n, gasPriceWei: GAS_PRICE_WEI }),
        }),
        families: [0],
        mayFail: true,
    },
    {
        it: "serves for nothing if told so",
        wanted: hub({ feeWei: 0n }),
        offer: { feePercent: 0n },
        families: [0],
        mayFail: true,
    },
    {
        it: "takes a token of its list",
        wanted: hub({ token: TOKEN, feeWei: 7n }),
        offer: { tokens: [{ token: TOKEN, minimumFee: 7n }] },
        families: [0],
        mayFail: true,
    },
    { it: "asks no fee of a pull request, and signs it no failure", wanted: pull(), families: [0], mayFail: false },
    { it: "signs no more failures than its allowance", facts: { failuresSigned: 3 }, families: [0], mayFail: false },
];

const AWAY = "http://enclave";
const POSTPONED: readonly (Row & { detail: string })[] = [
    {
        it: "its enclave is not registered",
        wanted: hub({ policy: PRESETS.TEE }),
        facts: { missing: [{ url: AWAY, family: 3, why: "not registered" }] },
        detail: `TEE_TDX at ${AWAY}: not registered`,
    },
    {
        it: "one of two vendors is away, and which family it is cannot be asked",
        wanted: hub({ policy: PRESETS.ZK_OR_TWO_TEE_VENDORS }),
        facts: {
            model: { exactInt: true, provable: false, committed: false },
            attestable: [3],
            missing: [{ url: AWAY, family: undefined, why: "it does not answer" }],
        },
        detail: `unknown family at ${AWAY}: it does not answer`,
    },
    {
        it: "its key is not valid either, but an enclave alone suffices",
        wanted: hub({ policy: encodePolicy({ clauses: [0b1, 0b1000] }) }),
        facts: { canSign: false, missing: [{ url: AWAY, family: 3, why: "not named" }] },
        detail: `TEE_TDX at ${AWAY}: not named`,
    },
];

const REFUSED: readonly (Row & { code: string; detail: string })[] = [
    {
        it: "leaves the request of others to them",
        wanted: hub({ executors: [SOMEBODY] }),
        code: "EXECUTOR_NOT_NAMED",
        detail: SOMEBODY,
    },
    {
        it: "has too little stake",
        wanted: hub({ minStakeWei: 6n }),
        facts: { stakeWei: 5n },
        code: "EXECUTOR_STAKE_TOO_LOW",
        detail: "wanted 6 wei, staked 5 wei",
    },
    { it: "does not have the model", facts: { model: undefined }, code: "EXECUTOR_MODEL_UNKNOWN", detail: word(1) },
    {
        it: "gets no bytes of a committed side",
        facts: { model: { exactInt: true, provable: true, committed: true } },
        code: "EXECUTOR_IO_COMMITTED",
        detail: word(1),
    },
    {
        it: "has no enclave",
        wanted: hub({ policy: PRESETS.TEE }),
        code: "EXECUTOR_POLICY_UNMET",
        detail: `policy ${hex(PRESETS.TEE)}`,
    },
    {
        it: "lacks more than the enclave that is away",
        wanted: hub({ policy: PRESETS.TEE_AND_ZK }),
        facts: {
            model: { exactInt: true, provable: false, committed: false },
            missing: [{ url: AWAY, family: 3, why: "not registered" }],
        },
        code: "EXECUTOR_POLICY_UNMET",
        detail: `policy ${hex(PRESETS.TEE_AND_ZK)}`,
    },
    {
        it: "does not offer the family of the enclave that is away",
        wanted: hub({ policy: PRESETS.TEE }),
        offer: { families: [0, 4] },
        facts: { missing: [{ url: AWAY, family: undefined, why: "it does not answer" }] },
        code: "EXECUTOR_POLICY_UNMET",
        detail: `policy ${hex(PRESETS.TEE)}`,
    },
    {
        it: "lacks a key besides the enclave that is away",
        wanted: hub({ policy: PRESETS.SIGNED_AND_TEE }),
        facts: { canSign: false, missing: [{ url: AWAY, family: 3, why: "not registered" }] },
        code: "EXECUTOR_KEY_NOT_VALID",
        detail: US,
    },
    {
        it: "cannot prove under a broken key",
        wanted: hub({ policy: PRESETS.ZK }),
        facts: { model: { exactInt: true, provable: false, committed: false } },
        code: "EXECUTOR_POLICY_UNMET",
        detail: `policy ${hex(PRESETS.ZK)}`,
    },
    {
        it: "does not sign for who named nobody and wants no stake",
        wanted: hub({ executors: [] }),
        code: "EXECUTOR_POLICY_UNMET",
        detail: `policy ${hex(PRESETS.SIGNED)}`,
    },
    {
        it: "does not offer the family",
        wanted: hub({ policy: PRESETS.ZK }),
        offer: { families: [0] },
        code: "EXECUTOR_POLICY_UNMET",
        detail: `policy ${hex(PRESETS.ZK)}`,
    },
    {
        it: "reads no policy that is not canonical",
        wanted: pull({ policy: 5n }),
        code: "EXECUTOR_POLICY_UNMET",
        detail: "policy 0x5",
    },
    { it: "has no valid key", facts: { canSign: false }, code: "EXECUTOR_KEY_NOT_VALID", detail: US },
    {
        it: "does not know the configuration and may not say so",
        wanted: pull({ configHash: word(9) }),
        code: "EXECUTOR_CONFIG_UNKNOWN",
        detail: word(9),
    },
    {
        it: "is ready too late",
        wanted: hub({ policy: PRESETS.ZK, deadline: 1_059n }),
        code: "EXECUTOR_DEADLINE_TOO_CLOSE",
        detail: "ready at 1060, deadline 1059, unix seconds",
    },
    {
        it: "is offered too little",
        wanted: hub({ policy: PRESETS.SIGNED_AND_ZK, feeWei: ENOUGH_WEI - 1n }),
        code: "EXECUTOR_FEE_TOO_LOW",
        detail: `fee ${ENOUGH_WEI - 1n} wei, asked ${ENOUGH_WEI} wei`,
    },
    {
        it: "does not take the token",
        wanted: hub({ token: TOKEN }),
        code: "EXECUTOR_TOKEN_NOT_ACCEPTED",
        detail: TOKEN,
    },
    {
        it: "is offered too little of a token",
        wanted: hub({ token: TOKEN, feeWei: 6n }),
        offer: { tokens: [{ token: TOKEN, minimumFee: 7n }] },
        code: "EXECUTOR_FEE_TOO_LOW",
        detail: `fee 6, asked 7 units of ${TOKEN}`,
    },
];

describe("executor core: admit", () => {
    for (const { it: title, wanted = hub(), offer, facts, families, mayFail } of ADMITTED) {
        it(title, () => {
            const admission = admit({ wanted, offer: anOffer(offer), facts: someFacts(facts) });

            expect(admission).to.deep.equal({ kind: "admitted", plan: { families, mayFail } });
        });
    }

    for (const { it: title, wanted = hub(), offer, facts, detail } of POSTPONED) {
        it(`postpones when ${title}`, () => {
            const admission = admit({ wanted, offer: anOffer(offer), facts: someFacts(facts) });

            const outcome = { code: "EXECUTOR_ENCLAVE_MISSING", detail };
            expect(admission).to.deep.equal({ kind: "postponed", outcome });
        });
    }

    for (const { it: title, wanted = hub(), offer, facts, code, detail } of REFUSED) {
        it(`refuses when it ${title}`, () => {
            const admission = admit({ wanted, offer: anOffer(offer), facts: someFacts(facts) });

            expect(admission).to.deep.equal({ kind: "refused", outcome: { code, detail } });
        });
    }
});

function hex(policy: bigint): Hex {
    return `0x${policy.toString(16)}`;
}
