import {
    bindOf,
    encodeGroth16,
    encodeTee,
    hexToBytes,
    keccak256,
    PRESETS,
    publicSignals,
    type Statement,
    statementDigest,
    statementTypedData,
    toHex,
    unboundBind,
    ZERO_BYTES32,
} from "@assay/protocol";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import { type Brought, faultOf, type Standard } from "../../../offchain/executor/core/evidence.ts";
import { rejectionOf } from "../../../offchain/executor/core/remedy.ts";
import { forgeProof } from "../../support/forgeableKey.ts";
import { classBytes, forgedModel } from "../../support/forgedModel.ts";
import { account, aStatement, someWanted, word } from "./_builders.ts";

const SEED = 5;
const INPUT = Uint8Array.from({ length: 64 }, (_, i) => i % 17);
const OUTPUT = classBytes(7);
const CHAIN = { chainId: 31337, gate: account(0x9a7e) };
const signer = new Wallet(id("signing key"));
const enclaveKey = new Wallet(id("enclave key"));
const ENCLAVE_ID = word(0xe1);
const { key, spec } = forgedModel({ seed: SEED, inputs: INPUT.length });

const statement = aStatement({ inputHash: keccak256(INPUT), outputHash: keccak256(OUTPUT) });
const standard: Standard = {
    ...CHAIN,
    signingKey: toHex(signer.address),
    enclaves: new Map([[ENCLAVE_ID, { family: 1, signer: toHex(enclaveKey.address) }]]),
    model: { ioSpec: spec.ioSpec, vkHash: spec.vkHash, key },
};

async function signed(said: Statement, by: Wallet = signer) {
    const { domain, types } = statementTypedData(CHAIN);
    return { family: 0, data: hexToBytes(await by.signTypedData(domain, types, said)) };
}

async function attested({ by = enclaveKey, enclaveId = ENCLAVE_ID, family = 1 } = {}) {
    const { domain, types } = statementTypedData(CHAIN);
    const signature = toHex(await by.signTypedData(domain, types, statement));
    return { family, data: hexToBytes(encodeTee({ family, enclaveId, signature }).data) };
}

function proven({ bind, output = OUTPUT }: { bind: bigint; output?: Uint8Array }) {
    const signals = publicSignals({ ioSpec: spec.ioSpec, vkHash: spec.vkHash, input: INPUT, output, bind });
    return { family: 4, data: hexToBytes(encodeGroth16({ proof: forgeProof({ seed: SEED, signals }) }).data) };
}

async function brought(changes: Partial<Brought> = {}): Promise<Brought> {
    const digest = statementDigest({ ...CHAIN, statement });
    return {
        wanted: someWanted({ inputHash: keccak256(INPUT), policy: PRESETS.SIGNED_AND_ZK }),
        statement,
        input: INPUT,
        output: OUTPUT,
        items: [await signed(statement), proven({ bind: bindOf(digest) })],
        ...changes,
    };
}

describe("executor core: evidence that is about to be brought", () => {
    it("has no fault when it is signed and proven for this statement", async () => {
        expect(faultOf({ brought: await brought(), standard })).to.equal(undefined);
    });

    it("has no fault when an enclave of this executor signed it", async () => {
        const wanted = someWanted({ inputHash: keccak256(INPUT), policy: PRESETS.TEE });

        expect(faultOf({ brought: await brought({ wanted, items: [await attested()] }), standard })).to.equal(
            undefined,
        );
    });

    const digest = statementDigest({ ...CHAIN, statement });
    const other = { ...statement, issuedAt: statement.issuedAt + 1n };
    const stranger = new Wallet(id("somebody"));
    const faults: Record<string, { change: () => Promise<Partial<Brought>>; fault: string }> = {
        "is signed by somebody else": {
            change: async () => ({ items: [await signed(statement, stranger), proven({ bind: bindOf(digest) })] }),
            fault: `signed by ${stranger.address.toLowerCase()}, not ${signer.address.toLowerCase()}`,
        },
        "is attested by another key": {
            change: async () => ({ items: [await attested({ by: stranger })] }),
            fault: `signed by ${stranger.address.toLowerCase()}, not ${enclaveKey.address.toLowerCase()}`,
        },
        "is attested by an enclave of another family": {
            change: async () => ({ items: [await attested({ family: 3 })] }),
            fault: `no enclave ${ENCLAVE_ID} of family 3 is registered`,
        },
        "is attested by an unknown enclave": {
            change: async () => ({ items: [await attested({ enclaveId: word(7) })] }),
            fault: `no enclave ${word(7)} of family 1 is registered`,
        },
        "is proven for another statement": {
            change: async () => ({
                items: [
                    await signed(statement),
                    proven({ bind: bindOf(statementDigest({ ...CHAIN, statement: other })) }),
                ],
            }),
            fault: "the proof does not verify",
        },
        "is proven for none": {
            change: async () => ({ items: [await signed(statement), proven({ bind: unboundBind(spec.vkHash) })] }),
            fault: "the proof does not verify",
        },
        "is proven for another output": {
            change: async () => ({
                items: [await signed(statement), proven({ bind: bindOf(digest), output: classBytes(8) })],
            }),
            fault: "the proof does not verify",
        },
        "has a commitment that a packed model has not": {
            change: async () => {
                const { data } = proven({ bind: bindOf(digest) });
                return { items: [{ family: 4, data: Uint8Array.of(...data, ...new Uint8Array(32)) }] };
            },
            fault: "the proof has the form of another model",
        },
        "has too few families": {
            change: async () => ({ items: [await signed(statement)] }),
            fault: "families 0x1 do not meet the policy",
        },
        "is of a family that nobody knows": {
            change: async () => ({ items: [{ family: 9, data: new Uint8Array() }] }),
            fault: "family 9 is not known here",
        },
        "is about another input": {
            change: async () => ({ input: new Uint8Array(64) }),
            fault: "statement: input bytes",
        },
        "is about another output": {
            change: async () => ({ output: classBytes(8) }),
            fault: "statement: output bytes",
        },
        "is about another model": {
            change: async () => ({ statement: { ...statement, modelId: word(9) } }),
            fault: "statement: modelId",
        },
        "is about another configuration": {
            change: async () => ({ statement: { ...statement, configHash: word(9) } }),
            fault: "statement: configHash",
        },
        "proves a failure": {
            change: async () => {
                const failure = { ...statement, resultCode: 2n, outputHash: ZERO_BYTES32 };
                return { statement: failure, output: new Uint8Array(), items: [proven({ bind: 0n })] };
            },
            fault: "a proof says nothing of failures and configurations",
        },
    };
    for (const [title, { change, fault }] of Object.entries(faults)) {
        it(`has a fault when it ${title}`, async () => {
            expect(faultOf({ brought: await brought(await change()), standard })).to.equal(fault);
        });
    }

    it("has no fault when it signs a failure, whatever the policy", async () => {
        const failure = { ...statement, resultCode: 2n, outputHash: ZERO_BYTES32 };
        const items = [await signed(failure)];

        const answer = await brought({ statement: failure, output: new Uint8Array(), items });

        expect(faultOf({ brought: answer, standard })).to.equal(undefined);
    });

    it("has a fault when the local key is not the registered one", async () => {
        const changed = { ...standard, model: { ioSpec: spec.ioSpec, vkHash: word(1), key } };

        const fault = faultOf({ brought: await brought(), standard: changed });

        expect(fault).to.equal("the local verifying key is not the registered one");
    });

    it("has a fault when the model has no key", async () => {
        const fault = faultOf({ brought: await brought(), standard: { ...standard, model: undefined } });

        expect(fault).to.equal("the model has no verifying key");
    });
});

describe("executor core: what a refusal of the chain means", () => {
    const rows = [
        { error: "IssuedInFuture", remedy: "wait", code: "EXECUTOR_CHECK_REVERTED" },
        { error: "RequestUnknown", remedy: "wait", code: "EXECUTOR_CHECK_REVERTED" },
        { error: "EvidenceTooOld", remedy: "redate", code: "EXECUTOR_STATEMENT_OUTDATED" },
        { error: "DeadlinePassed", remedy: "close", code: "EXECUTOR_REQUEST_EXPIRED" },
        { error: "RequestNotOpen", remedy: "close", code: "EXECUTOR_ANSWERED_BY_OTHER" },
        { error: "ProofInvalid", remedy: "close", code: "EXECUTOR_CHECK_REVERTED" },
        { error: "toString", remedy: "close", code: "EXECUTOR_CHECK_REVERTED" },
    ];
    for (const { error, remedy, code } of rows) {
        it(`${error}: ${remedy}`, () => {
            expect(rejectionOf({ error, detail: "why" })).to.deep.equal({ remedy, outcome: { code, detail: "why" } });
        });
    }
});
