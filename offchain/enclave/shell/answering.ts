import {
    type GatewayContext,
    type Hex,
    heartbeatDigest,
    ProtocolError,
    type Statement,
    statementDigest,
    ZERO_BYTES32,
} from "@assay/protocol";
import type { AnswerBook } from "../core/answerBook.ts";
import type { OwnClaim } from "../core/contextFault.ts";
import type { Registration } from "../core/registration.ts";
import type { ServedModel } from "../core/servedModel.ts";
import { isBound, statementFault } from "../core/statementFault.ts";
import type { Attester } from "./attester.ts";
import type { Keyring } from "./keyring.ts";
import { createProducer } from "./producer.ts";

/** Finds the model that is a version, for an input; undefined if none here is. */
export type FindModel = (question: {
    modelId: Hex;
    input: Uint8Array;
    registration: Registration | undefined;
}) => ServedModel | undefined;

/** A model version, by its id and what that commits to, and an input. */
export type RunQuestion = { modelId: Hex; input: Uint8Array; registration: Registration | undefined };

/** A statement to sign, and what it speaks of. */
export type SignQuestion = {
    chainId: bigint;
    gate: Hex;
    statement: Statement;
    input: Uint8Array;
    output: Uint8Array;
    /** Of a gateway's statement. */
    context: GatewayContext | undefined;
    registration: Registration | undefined;
};

/** What the enclave does with its models and its keys. */
export type Answering = ReturnType<typeof createAnswering>;

/** Answers questions and signs answers: only what was produced in here, and only once the key is attested. */
export function createAnswering({
    find,
    book,
    attester,
    keyring,
    own,
}: {
    find: FindModel;
    book: AnswerBook;
    attester: Attester;
    keyring: Keyring;
    own: OwnClaim;
}) {
    const producer = createProducer({ find, book });
    return {
        /** Runs or forwards, and remembers what came of it. */
        run: producer.produce,

        /** Signature over a statement that this enclave knows to be true. */
        sign: async (question: SignQuestion, { signal }: { signal: AbortSignal }): Promise<Hex> => {
            const { chainId, gate, statement } = question;
            const key = keyring.current();
            if (!isBound({ bindings: attester.current(), chainId, statement })) {
                const message = `No document binds its key to ${statement.executor} on chain ${chainId}.`;
                throw new ProtocolError({ code: "ENCLAVE_NOT_ATTESTED", message });
            }
            const fault = statementFault(question, { own });
            if (fault !== undefined) throw new ProtocolError({ code: "ENCLAVE_STATEMENT_REFUSED", message: fault });
            await producer.requireProduced(question, { signal });
            return key.sign(statementDigest({ chainId, gate, statement }));
        },

        /** Shows that a key is alive, under the registry that an enclave of this id was attested for. */
        heartbeat: ({ enclaveId, ...block }: { enclaveId: Hex; blockHash: Hex; blockNumber: bigint }): Hex => {
            const { chainId, registry, key } = attester.bindingOf(enclaveId);
            return key.sign(heartbeatDigest({ chainId, registry, enclaveId, ...block }));
        },

        /** Lets the key of an enclave that is registered now sign statements, in place of the one before it. */
        activate: (enclaveId: Hex): Hex => {
            const { key } = attester.bindingOf(enclaveId);
            keyring.activate(key.signer);
            return keyring.current().signer;
        },
    };
}

/** Registrations to try: the one that is claimed, or else the one that the enclave was started with. */
export function registrationsOf({
    claimed,
    owner,
}: {
    claimed: Registration | undefined;
    owner: Hex | undefined;
}): Registration[] {
    if (claimed !== undefined) return [claimed];
    return owner === undefined ? [] : [{ owner, derivedFrom: ZERO_BYTES32 }];
}
