/** Ids of enclaves: the golden vectors that Solidity reads too, and ethers as a second opinion. */
import { readFileSync } from "node:fs";
import { CLAIM_CLASSES, type EnclaveBinding, enclaveBindingHash, enclaveIdOf, tag } from "@assay/protocol";
import { expect } from "chai";
import { AbiCoder, keccak256, TypedDataEncoder } from "ethers";
import { enclaveVectors } from "../../../scripts/vectors/enclave.ts";
import { createRandom } from "./_random.ts";

const coder = AbiCoder.defaultAbiCoder();
const vectors = enclaveVectors();

describe("enclave ids", () => {
    it("are those of the golden vectors", () => {
        expect(vectors).to.deep.equal(JSON.parse(readFileSync("test/vectors/enclave.json", "utf8")));
    });

    it("are hashes of abi.encode under a tag", () => {
        for (const row of vectors.bindings) {
            const words = [
                tag("enclave"),
                row.chainId,
                row.registry,
                row.operator,
                row.signer,
                row.keyEpoch,
                row.challenge,
                row.deadline,
                row.claimClass,
                row.upstreamHash,
                row.configHash,
                row.binaryDigest,
            ];
            const types =
                "bytes32,uint256,address,address,address,uint64,bytes32,uint64,uint8,bytes32,bytes32,bytes32".split(
                    ",",
                );
            expect(row.bindingHash).to.equal(keccak256(coder.encode(types, words)));
        }
        for (const { enclaveId, ...row } of vectors.enclaves) {
            const types = ["bytes32", "uint256", "address", "uint8", "bytes32", "address", "uint64"];
            const { chainId, registry, family, measurementId, signer, keyEpoch } = row;
            const words = [tag("enclave.id"), chainId, registry, family, measurementId, signer, keyEpoch];
            expect(enclaveId).to.equal(keccak256(coder.encode(types, words)));
        }
    });

    it("are signed as EIP-712 structs under the registry's domain", () => {
        const domainOf = ({ chainId, registry }: { chainId: number; registry: string }) => ({
            name: "Assay",
            version: "1",
            chainId,
            verifyingContract: registry,
        });
        for (const row of vectors.bindings) {
            const types = { Possession: [{ name: "bindingHash", type: "bytes32" }] };
            expect(row.possession).to.equal(TypedDataEncoder.hash(domainOf(row), types, row));
        }
        for (const row of vectors.heartbeats) {
            const types = {
                Heartbeat: [
                    { name: "enclaveId", type: "bytes32" },
                    { name: "blockHash", type: "bytes32" },
                    { name: "blockNumber", type: "uint64" },
                ],
            };
            expect(row.digest).to.equal(TypedDataEncoder.hash(domainOf(row), types, row));
        }
    });

    it("change with every part of them", () => {
        const random = createRandom("enclave test");
        const binding: EnclaveBinding = {
            chainId: 1,
            registry: random.address(),
            operator: random.address(),
            signer: random.address(),
            keyEpoch: 1,
            challenge: random.hash(),
            deadline: 2,
            claims: {
                claimClass: CLAIM_CLASSES.COMPUTE,
                upstreamHash: random.hash(),
                configHash: random.hash(),
                binaryDigest: random.hash(),
            },
        };
        const { claims } = binding;
        const changed: EnclaveBinding[] = [
            { ...binding, chainId: 2 },
            { ...binding, registry: random.address() },
            { ...binding, operator: random.address() },
            { ...binding, signer: random.address() },
            { ...binding, keyEpoch: 2 },
            { ...binding, challenge: random.hash() },
            { ...binding, deadline: 3 },
            { ...binding, claims: { ...claims, claimClass: CLAIM_CLASSES.GATEWAY } },
            { ...binding, claims: { ...claims, upstreamHash: random.hash() } },
            { ...binding, claims: { ...claims, configHash: random.hash() } },
            { ...binding, claims: { ...claims, binaryDigest: random.hash() } },
        ];
        const hashes = new Set([binding, ...changed].map(enclaveBindingHash));
        expect(hashes.size).to.equal(changed.length + 1);

        const parts = { chainId: 1, registry: random.address(), family: 1, signer: random.address(), keyEpoch: 1 };
        const measurementId = random.hash();
        const ids = new Set([
            enclaveIdOf({ ...parts, measurementId }),
            enclaveIdOf({ ...parts, measurementId, chainId: 2 }),
            enclaveIdOf({ ...parts, measurementId, registry: random.address() }),
            enclaveIdOf({ ...parts, measurementId, family: 3 }),
            enclaveIdOf({ ...parts, measurementId: random.hash() }),
            enclaveIdOf({ ...parts, measurementId, signer: random.address() }),
            enclaveIdOf({ ...parts, measurementId, keyEpoch: 2 }),
        ]);
        expect(ids.size).to.equal(7);
    });
});
