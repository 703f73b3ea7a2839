import {
    type Hex,
    heartbeatDigest,
    keccak256,
    ProtocolError,
    type Statement,
    statementDigest,
    ZERO_BYTES32,
} from "@assay/protocol";
import type { AnswerBook } from "../core/answerBook.ts";
import type { Registration } from "../core/registration.ts";
import type { Outcome, ServedModel } from "../core/servedModel.ts";
import { isBound, needsNoAnswer, statementFault } from "../core/statementFault.ts";
import type { Attester } from "./attester.ts";
import type { Keyring } from "./keyring.ts";

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
    registration: Registration | undefined;
};

/** What the enclave does with its models and its key. */
export type Answering = ReturnType<typeof createAnswering>;

/** Answers questions and signs answers: only what was produced in here, and only once the key is attested. */
export function createAnswering({
    find,
    book,
    attester,
    keyring,
}: {
    find: FindModel;
    book: AnswerBook;
    attester: Attester;
    keyring: Keyring;
}) {
    const modelOf = (question: RunQuestion): ServedModel => {
        const model = find(question);
        if (model !== undefined) return model;
        throw new ProtocolError({ code: "ENCLAVE_MODEL_UNKNOWN", message: `No model here is ${question.modelId}.` });
    };
    const produce = async ({
        model,
        input,
        signal,
    }: {
        model: ServedModel;
        input: Uint8Array;
        signal: AbortSignal;
    }) => {
        const outcome = await model.answer({ input, signal });
        book.note({ model, inputHash: keccak256(input), outcome });
        return outcome;
    };
    const requireProduced = async (question: SignQuestion, signal: AbortSignal) => {
        const { statement, input, output, registration } = question;
        const model = modelOf({ modelId: statement.modelId, input, registration });
        if (needsNoAnswer(statement)) return;
        const outcome: Outcome = { resultCode: Number(statement.resultCode), output };
        if (book.has({ model, inputHash: statement.inputHash, outcome })) return;
        if (!model.repeatable) throw new ProtocolError({ code: "ENCLAVE_ANSWER_UNKNOWN" });
        const own = await produce({ model, input, signal });
        if (own.resultCode === outcome.resultCode && keccak256(own.output) === keccak256(output)) return;
        throw refusal(`The model gives result code ${own.resultCode} with another output here.`);
    };

    return {
        /** Runs or forwards, and remembers what came of it. */
        run: async (question: RunQuestion, { signal }: { signal: AbortSignal }): Promise<Outcome> =>
            produce({ model: modelOf(question), input: question.input, signal }),

        /** Signature over a statement that this enclave knows to be true. */
        sign: async (question: SignQuestion, { signal }: { signal: AbortSignal }): Promise<Hex> => {
            const { chainId, gate, statement } = question;
            const key = keyring.current();
            if (!isBound({ bindings: attester.current(), chainId, statement })) {
                const message = `No document binds its key to ${statement.executor} on chain ${chainId}.`;
                throw new ProtocolError({ code: "ENCLAVE_NOT_ATTESTED", message });
            }
            const fault = statementFault(question);
            if (fault !== undefined) throw refusal(fault);
            await requireProduced(question, signal);
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

function refusal(message: string): ProtocolError {
    return new ProtocolError({ code: "ENCLAVE_STATEMENT_REFUSED", message });
}
