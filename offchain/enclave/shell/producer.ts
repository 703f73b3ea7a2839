import { keccak256, ProtocolError } from "@assay/protocol";
import type { AnswerBook } from "../core/answerBook.ts";
import type { Outcome, ServedModel } from "../core/servedModel.ts";
import { needsNoAnswer } from "../core/statementFault.ts";
import type { FindModel, RunQuestion, SignQuestion } from "./answering.ts";

type Asked = { signal: AbortSignal };

/** Produces answers, and knows which ones were produced. */
export type Producer = ReturnType<typeof createProducer>;

/** Answers by the models that `find` knows, and notes in `book` what came of it. */
export function createProducer({ find, book }: { find: FindModel; book: AnswerBook }) {
    const modelOf = (question: RunQuestion): ServedModel => {
        const model = find(question);
        if (model !== undefined) return model;
        throw new ProtocolError({ code: "ENCLAVE_MODEL_UNKNOWN", message: `No model here is ${question.modelId}.` });
    };
    const produce = async ({ model, input, signal }: Asked & { model: ServedModel; input: Uint8Array }) => {
        const outcome = await model.answer({ input, signal });
        book.note({ model, inputHash: keccak256(input), outcome });
        return outcome;
    };
    return {
        /** Runs or forwards; throws ENCLAVE_MODEL_UNKNOWN. */
        produce: async (question: RunQuestion, { signal }: Asked): Promise<Outcome> =>
            produce({ model: modelOf(question), input: question.input, signal }),

        /** Throws ENCLAVE_ANSWER_UNKNOWN or ENCLAVE_STATEMENT_REFUSED unless the answer that a statement names came from here. */
        requireProduced: async ({ statement, input, output, registration }: SignQuestion, { signal }: Asked) => {
            const model = modelOf({ modelId: statement.modelId, input, registration });
            if (needsNoAnswer(statement)) return;
            const outcome: Outcome = { resultCode: Number(statement.resultCode), output };
            if (book.has({ model, inputHash: statement.inputHash, outcome })) return;
            if (!model.repeatable) throw new ProtocolError({ code: "ENCLAVE_ANSWER_UNKNOWN" });
            const own = await produce({ model, input, signal });
            if (own.resultCode === outcome.resultCode && keccak256(own.output) === keccak256(output)) return;
            const message = `The model gives result code ${own.resultCode} with another output here.`;
            throw new ProtocolError({ code: "ENCLAVE_STATEMENT_REFUSED", message });
        },
    };
}
