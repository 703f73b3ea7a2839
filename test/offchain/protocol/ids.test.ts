import { readFileSync } from "node:fs";
import {
    bytesToHex,
    contentHash,
    encodeTerms,
    modelIdOf,
    requestIdGateway,
    requestIdHub,
    requestIdPull,
    SEMANTICS,
    type Terms,
    tag,
    termsType,
    vkHashOf,
    ZERO_BYTES32,
} from "@assay/protocol";
import { expect } from "chai";
import { AbiCoder, id, keccak256 } from "ethers";
import constants from "../../../offchain/protocol/tables/constants.json" with { type: "json" };
import { idVectors } from "../../../scripts/vectors/ids.ts";
import { expectError } from "./_expect.ts";
import { createRandom } from "./_random.ts";

const coder = AbiCoder.defaultAbiCoder();
const random = createRandom("ids test");

function hashOf(types: string[], values: unknown[]): string {
    return keccak256(coder.encode(types, values));
}

function aTerms(changes: Partial<Terms> = {}): Terms {
    return {
        modelId: random.hash(),
        configHash: random.hash(),
        inputHash: random.hash(),
        policy: random.word(),
        executors: [random.address(), random.address()],
        minStakeWei: 5n,
        feeWei: 7n,
        token: random.address(),
        deadline: 99n,
        callback: random.address(),
        callbackGas: 100_000n,
        refundee: random.address(),
        ...changes,
    };
}

describe("ids", () => {
    it("are those of the golden vectors", () => {
        const golden: unknown = JSON.parse(readFileSync("test/vectors/ids.json", "utf8"));

        expect(idVectors()).to.deep.equal(golden);
    });

    it("start from tags of the table and no others", () => {
        for (const name of constants.tags) expect(tag(name)).to.equal(id(`assay.${name}.v1`));
        expectError(() => tag("request"), "TAG_UNKNOWN");
    });

    it("hash content and owner as the ABI does", () => {
        const spec = {
            artifactDigest: random.hash(),
            ioSpec: random.word(),
            schemaHash: random.hash(),
            semantics: SEMANTICS.FLOAT,
            vkHash: ZERO_BYTES32,
            derivedFrom: random.hash(),
        };
        const owner = random.address();

        const content = hashOf(
            ["bytes32", "bytes32", "uint256", "bytes32", "uint8", "bytes32", "bytes32"],
            [tag("content"), spec.artifactDigest, spec.ioSpec, spec.schemaHash, 2, spec.vkHash, spec.derivedFrom],
        );
        expect(contentHash(spec)).to.equal(content);
        expect(modelIdOf({ owner, contentHash: contentHash(spec) })).to.equal(
            hashOf(["bytes32", "address", "bytes32"], [tag("model"), owner, content]),
        );
        expect(vkHashOf(Uint8Array.of(1, 2))).to.equal(keccak256("0x0102"));
    });

    it("refuse semantics that do not exist", () => {
        const spec = { artifactDigest: ZERO_BYTES32, ioSpec: 0n, schemaHash: ZERO_BYTES32, semantics: 0 };
        const rest = { vkHash: ZERO_BYTES32, derivedFrom: ZERO_BYTES32 };

        expectError(() => contentHash({ ...spec, ...rest }), "VALUE_OUT_OF_RANGE");
    });

    it("encode terms as one struct, whatever the length of the list", () => {
        for (const length of [0, 1, 2, 7]) {
            const terms = aTerms({ executors: Array.from({ length }, random.address) });
            expect(bytesToHex(encodeTerms(terms))).to.equal(coder.encode([termsType], [terms]));
        }
    });

    it("refuse amounts that do not fit their type", () => {
        expectError(() => encodeTerms(aTerms({ feeWei: 1n << 96n })), "VALUE_OUT_OF_RANGE");
        expectError(() => encodeTerms(aTerms({ deadline: 1n << 40n })), "VALUE_OUT_OF_RANGE");
        expectError(() => encodeTerms(aTerms({ callbackGas: 1n << 32n })), "VALUE_OUT_OF_RANGE");
    });

    it("of the three kinds of request commit to all their parts as the ABI does", () => {
        const [a, b, c, salt, nonce] = [
            random.address(),
            random.address(),
            random.address(),
            random.hash(),
            random.hash(),
        ];
        const terms = aTerms();
        const chainId = 31337;

        const termsHash = keccak256(coder.encode([termsType], [terms]));
        expect(requestIdHub({ chainId, hub: a, requester: b, salt, terms })).to.equal(
            hashOf(
                ["bytes32", "uint256", "address", "address", "bytes32", "bytes32"],
                [tag("request.hub"), chainId, a, b, salt, termsHash],
            ),
        );
        expect(
            requestIdGateway({ chainId, gate: a, executor: b, payer: c, paymentNonce: nonce, requestHash: salt }),
        ).to.equal(
            hashOf(
                ["bytes32", "uint256", "address", "address", "address", "bytes32", "bytes32"],
                [tag("request.gateway"), chainId, a, b, c, nonce, salt],
            ),
        );
        expect(requestIdPull({ chainId, gate: a, consumer: b, salt })).to.equal(
            hashOf(["bytes32", "uint256", "address", "address", "bytes32"], [tag("request.pull"), chainId, a, b, salt]),
        );
    });
});
