import { FIELD_ORDER, type HubReceipt, uintToHex } from "@assay/protocol";
import { committedModel } from "./_model.ts";
import { failureReceipt, hubReceipt } from "./_receipts.ts";
import { OTHER, type Refused, signed } from "./_refused.ts";

const model = committedModel({ input: true, output: true });
const opened = (changes: Partial<HubReceipt>) => ({ ...hubReceipt({ model }), ...changes });

export const opening: Refused[] = [
    {
        code: "RECEIPT_OPENING_INVALID",
        when: "a committed input comes without its salt",
        receipt: () => opened({ input: model.opening.input }),
    },
    {
        code: "RECEIPT_OPENING_INVALID",
        when: "a salt comes without its output",
        receipt: () => opened({ outputSalt: OTHER }),
    },
    {
        code: "RECEIPT_OPENING_INVALID",
        when: "a salt is out of the field",
        receipt: () => opened({ ...model.opening, inputSalt: uintToHex(FIELD_ORDER + 0x5a17n) }),
    },
    {
        code: "RECEIPT_OPENING_INVALID",
        when: "a public input has a salt",
        receipt: () => ({ ...hubReceipt(), inputSalt: OTHER }),
    },
    {
        code: "RECEIPT_OPENING_INVALID",
        when: "a failure has a salt for its output",
        receipt: () => ({ ...failureReceipt(), outputSalt: OTHER }),
    },
    {
        code: "RECEIPT_INPUT_MISMATCH",
        when: "the input is opened with another salt",
        receipt: () => opened({ ...model.opening, inputSalt: OTHER }),
    },
    {
        code: "RECEIPT_OUTPUT_MISMATCH",
        when: "another output is opened",
        receipt: () => opened({ ...model.opening, output: `0x${"00".repeat(12)}` }),
    },
    {
        code: "RECEIPT_LENGTH_MISMATCH",
        when: "an opened input is short",
        receipt: () => opened({ ...model.opening, input: "0x01" }),
    },
    {
        code: "RECEIPT_COMMITMENT_INVALID",
        when: "the hash of a committed input is not in the field",
        receipt: () => hubReceipt({ model: { ...model, inputHash: uintToHex(FIELD_ORDER) }, ...signed }),
    },
    {
        code: "RECEIPT_COMMITMENT_INVALID",
        when: "the hash of a committed output is not in the field",
        receipt: () => hubReceipt({ model: { ...model, outputHash: uintToHex(FIELD_ORDER) }, ...signed }),
    },
    {
        code: "RECEIPT_PROOF_INVALID",
        when: "the proof is of another commitment",
        receipt: () => hubReceipt({ model, statement: { inputHash: OTHER }, terms: { inputHash: OTHER } }),
    },
];
