import {
    bindOf,
    canaryBind,
    domainSeparator,
    STATEMENT_TYPEHASH,
    type Statement,
    statementDigest,
    structHashOf,
    uintToHex,
    unboundBind,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import { createRandom, type Random } from "../../test/offchain/protocol/_random.ts";

/** Digests of statements, one that is all zero and one at the limit of every field among them. */
export function statementVectors() {
    const random = createRandom("statement");
    const gate = random.address();
    const random6 = Array.from({ length: 6 }, () => aStatement(random));
    const vkHash = random.hash();
    const canary = { chainId: 31337, registry: random.address(), vkHash, claimant: random.address() };
    return {
        typeHash: STATEMENT_TYPEHASH,
        unbound: { vkHash, bind: uintToHex(unboundBind(vkHash)) },
        canary: { ...canary, bind: uintToHex(canaryBind(canary)) },
        statements: [zero(), limit(), ...random6].map((statement, i) => {
            const chainId = i % 2 === 0 ? 31337 : 1;
            const digest = statementDigest({ chainId, gate, statement });
            return {
                chainId,
                gate,
                statement: {
                    ...statement,
                    issuedAt: uintToHex(statement.issuedAt),
                    round: uintToHex(statement.round),
                    resultCode: uintToHex(statement.resultCode),
                },
                domainSeparator: domainSeparator({ chainId, gate }),
                structHash: structHashOf(statement),
                digest,
                bind: uintToHex(bindOf(digest)),
            };
        }),
    };
}

function aStatement(random: Random): Statement {
    return {
        requestId: random.hash(),
        modelId: random.hash(),
        configHash: random.hash(),
        inputHash: random.hash(),
        outputHash: random.hash(),
        contextHash: random.hash(),
        executor: random.address(),
        issuedAt: random.word() >> 192n,
        round: random.word() >> 224n,
        resultCode: random.word() >> 248n,
    };
}

function zero(): Statement {
    return {
        requestId: ZERO_BYTES32,
        modelId: ZERO_BYTES32,
        configHash: ZERO_BYTES32,
        inputHash: ZERO_BYTES32,
        outputHash: ZERO_BYTES32,
        contextHash: ZERO_BYTES32,
        executor: ZERO_ADDRESS,
        issuedAt: 0n,
        round: 0n,
        resultCode: 0n,
    };
}

function limit(): Statement {
    const full = `0x${"ff".repeat(32)}` as const;
    return {
        requestId: full,
        modelId: full,
        configHash: full,
        inputHash: full,
        outputHash: full,
        contextHash: full,
        executor: `0x${"ff".repeat(20)}`,
        issuedAt: 2n ** 64n - 1n,
        round: 2n ** 32n - 1n,
        resultCode: 255n,
    };
}
