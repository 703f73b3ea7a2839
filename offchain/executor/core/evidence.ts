import {
    bindOf,
    bytesToHex,
    decodeGroth16,
    decodeIoSpec,
    decodeTee,
    FAMILIES,
    type Hex,
    isBound,
    isTeeFamily,
    keccak256,
    maskOf,
    publicSignals,
    recoverSigner,
    type Statement,
    satisfied,
    statementDigest,
    verifyGroth16,
    vkHashOf,
    ZERO_BYTES32,
} from "@assay/protocol";
import { type Ask, askOf, type Wanted } from "./wanted.ts";

/** An answer that is about to be brought, with everything the chain will look at. */
export type Brought = {
    wanted: Wanted;
    statement: Statement;
    input: Uint8Array;
    output: Uint8Array;
    items: readonly { family: number; data: Uint8Array }[];
};

/** What the chain holds against it. */
export type Standard = {
    chainId: number;
    gate: Hex;
    /** The executor's registered key. */
    signingKey: Hex;
    /** Registered enclaves of this executor, by id. */
    enclaves: ReadonlyMap<Hex, { family: number; signer: Hex }>;
    /** ioSpec and key of the model; undefined when it has none. */
    model: { ioSpec: bigint; vkHash: Hex; key: Uint8Array } | undefined;
};

/**
 * Why the chain would refuse an answer, or undefined if it would not: the gate's rules, applied here before any gas is
 * spent. Every item is verified against the statement, with public signals that are rebuilt and not taken from the prover.
 */
export function faultOf({ brought, standard }: { brought: Brought; standard: Standard }): string | undefined {
    const { wanted, statement, items } = brought;
    const ask = askOf(wanted);
    const mismatch = fieldMismatch({ ask, brought });
    if (mismatch !== undefined) return `statement: ${mismatch}`;
    const digest = statementDigest({ chainId: standard.chainId, gate: standard.gate, statement });
    for (const item of items) {
        const fault = itemFault({ item, digest, brought, standard });
        if (fault !== undefined) return fault;
    }
    const present = maskOf(items.map(({ family }) => family));
    if (statement.resultCode !== 0n)
        return present === maskOf([FAMILIES.SIGNED]) ? undefined : "a failure is only signed";
    return satisfied(ask.policy, present) ? undefined : `families 0x${present.toString(16)} do not meet the policy`;
}

function fieldMismatch({ ask, brought }: { ask: Ask; brought: Brought }): string | undefined {
    const { statement, input, output } = brought;
    const failed = statement.resultCode !== 0n;
    if (statement.modelId !== ask.modelId) return "modelId";
    if (statement.configHash !== ask.configHash) return "configHash";
    if (statement.inputHash !== ask.inputHash) return "inputHash";
    if (!failed && keccak256(input) !== statement.inputHash) return "input bytes";
    if (
        failed ? output.length > 0 || statement.outputHash !== ZERO_BYTES32 : keccak256(output) !== statement.outputHash
    ) {
        return "output bytes";
    }
    return undefined;
}

type ItemQuestion = {
    item: { family: number; data: Uint8Array };
    digest: Hex;
    brought: Brought;
    standard: Standard;
};

function itemFault({ item, digest, brought, standard }: ItemQuestion): string | undefined {
    const data = bytesToHex(item.data);
    if (item.family === FAMILIES.SIGNED) {
        const signer = recoverSigner({ digest, signature: data });
        return signer === standard.signingKey.toLowerCase()
            ? undefined
            : `signed by ${signer}, not ${standard.signingKey}`;
    }
    if (isTeeFamily(item.family)) return attestedFault({ family: item.family, data, digest, standard });
    if (item.family !== FAMILIES.ZK_GROTH16) return `family ${item.family} is not known here`;
    const { resultCode, configHash } = brought.statement;
    if (resultCode !== 0n || configHash !== ZERO_BYTES32) return "a proof says nothing of failures and configurations";
    const { model } = standard;
    if (model === undefined) return "the model has no verifying key";
    if (vkHashOf(model.key) !== model.vkHash) return "the local verifying key is not the registered one";
    const { proof, c } = decodeGroth16(data);
    if ((c !== undefined) !== isBound(decodeIoSpec(model.ioSpec))) return "the proof has the form of another model";
    const { ioSpec, vkHash, key } = model;
    const { input, output } = brought;
    const signals = publicSignals({ ioSpec, vkHash, input, output, bind: bindOf(digest), c });
    return verifyGroth16({ key, signals, proof }) ? undefined : "the proof does not verify";
}

function attestedFault({
    family,
    data,
    digest,
    standard,
}: {
    family: number;
    data: Hex;
    digest: Hex;
    standard: Standard;
}): string | undefined {
    const { enclaveId, signature } = decodeTee(data);
    const enclave = standard.enclaves.get(enclaveId);
    if (enclave?.family !== family) return `no enclave ${enclaveId} of family ${family} is registered`;
    const signer = recoverSigner({ digest, signature });
    return signer === enclave.signer.toLowerCase() ? undefined : `signed by ${signer}, not ${enclave.signer}`;
}
