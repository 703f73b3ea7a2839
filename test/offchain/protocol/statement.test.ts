import { readFileSync } from "node:fs";
import {
    bindOf,
    bytesToHex,
    canaryBind,
    FIELD_ORDER,
    keccak256,
    STATEMENT_TYPEHASH,
    type Statement,
    statementDigest,
    statementTypedData,
    tag,
    unboundBind,
} from "@assay/protocol";
import { expect } from "chai";
import { AbiCoder, keccak256 as ethersKeccak, id, TypedDataEncoder } from "ethers";
import fc from "fast-check";
import { statementVectors } from "../../../scripts/vectors/statement.ts";

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex);
const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(bytesToHex);
const statements: fc.Arbitrary<Statement> = fc.record({
    requestId: bytes32,
    modelId: bytes32,
    configHash: bytes32,
    inputHash: bytes32,
    outputHash: bytes32,
    contextHash: bytes32,
    executor: address,
    issuedAt: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    round: fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
    resultCode: fc.bigInt({ min: 0n, max: 255n }),
});

describe("statement", () => {
    it("has the digests of the golden vectors", () => {
        const golden: unknown = JSON.parse(readFileSync("test/vectors/statement.json", "utf8"));

        expect(statementVectors()).to.deep.equal(golden);
    });

    it("has the type of DESIGN section 4", () => {
        expect(STATEMENT_TYPEHASH).to.equal(
            id(
                "Statement(bytes32 requestId,bytes32 modelId,bytes32 configHash,bytes32 inputHash,bytes32 outputHash,bytes32 contextHash,address executor,uint64 issuedAt,uint32 round,uint8 resultCode)",
            ),
        );
    });

    it("has the digest that wallets sign", () => {
        fc.assert(
            fc.property(statements, address, fc.integer({ min: 1 }), (statement, gate, chainId) => {
                const { domain, types } = statementTypedData({ chainId, gate });
                expect(statementDigest({ chainId, gate, statement })).to.equal(
                    TypedDataEncoder.hash(domain, types, statement),
                );
            }),
        );
    });

    it("has another digest when any field, the chain or the gate changes", () => {
        fc.assert(
            fc.property(statements, statements, (statement, other) => {
                const gate = `0x${"11".repeat(20)}` as const;
                const digest = statementDigest({ chainId: 1, gate, statement });
                const changed = Object.entries(other)
                    .filter(([field, value]) => Object.entries(statement).some(([f, v]) => f === field && v !== value))
                    .map(([field, value]) =>
                        statementDigest({ chainId: 1, gate, statement: { ...statement, [field]: value } }),
                    );
                changed.push(statementDigest({ chainId: 2, gate, statement }));
                changed.push(statementDigest({ chainId: 1, gate: `0x${"12".repeat(20)}`, statement }));
                expect(new Set([digest, ...changed]).size).to.equal(changed.length + 1);
            }),
        );
    });

    it("binds proofs by 253 bits, always below the field order", () => {
        expect(bindOf(`0x${"ff".repeat(32)}`)).to.equal(2n ** 253n - 1n);
        expect(2n ** 253n - 1n < FIELD_ORDER).to.equal(true);
    });

    it("has binds of its own for known answers and canaries", () => {
        const coder = AbiCoder.defaultAbiCoder();
        const vkHash = keccak256(Uint8Array.of(1));
        const [registry, claimant] = [`0x${"22".repeat(20)}`, `0x${"33".repeat(20)}`] as const;

        expect(unboundBind(vkHash)).to.equal(
            BigInt(ethersKeccak(coder.encode(["bytes32", "bytes32"], [tag("unbound"), vkHash]))) >> 3n,
        );
        expect(canaryBind({ chainId: 5, registry, vkHash, claimant })).to.equal(
            BigInt(
                ethersKeccak(
                    coder.encode(
                        ["bytes32", "uint256", "address", "bytes32", "address"],
                        [tag("canary"), 5, registry, vkHash, claimant],
                    ),
                ),
            ) >> 3n,
        );
    });
});
