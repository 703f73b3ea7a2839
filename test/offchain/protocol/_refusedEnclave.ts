import { type EnclaveFacts, type HubReceipt, PRESETS } from "@assay/protocol";
import { anAttestation, anEnclave, HUB, hubReceipt } from "./_receipts.ts";
import { honest, ISSUED_AT, OTHER, type Refused, withoutMember } from "./_refused.ts";

/** A receipt that one enclave signed, with its record changed. */
export function attested(enclave: Partial<EnclaveFacts> = {}): HubReceipt {
    return hubReceipt({ policy: PRESETS.TEE, families: ["TEE"], enclave });
}

function withDocument(changes: Partial<ReturnType<typeof anAttestation>>): HubReceipt {
    return { ...attested(), attestation: [{ ...anAttestation(), ...changes }] };
}

const { enclaveId } = anEnclave();

export const enclave: Refused[] = [
    {
        code: "RECEIPT_SIGNATURE_MALFORMED",
        when: "a TEE item is no enclave's signature",
        receipt: () => ({
            ...attested(),
            registry: withoutMember(attested().registry, "enclaves"),
            attestation: [],
            evidence: [{ family: "TEE_NITRO", data: "0x" }],
        }),
    },
    {
        code: "RECEIPT_ENCLAVE_MISSING",
        when: "the enclave's record is missing",
        receipt: () => ({ ...attested(), registry: withoutMember(attested().registry, "enclaves") }),
    },
    {
        code: "RECEIPT_SIGNATURE_WRONG",
        when: "another key than the enclave's signed",
        receipt: () => attested({ signer: HUB }),
    },
    {
        code: "RECEIPT_ENCLAVE_MISMATCH",
        when: "the record is of another key epoch",
        receipt: () => attested({ keyEpoch: "4" }),
    },
    {
        code: "RECEIPT_ENCLAVE_MISMATCH",
        when: "the record is of another family",
        receipt: () => attested({ family: "TEE_TDX" }),
    },
    {
        code: "RECEIPT_ENCLAVE_MISMATCH",
        when: "it has the record of an enclave that signed nothing",
        receipt: () => hubReceipt({ registry: { enclaves: [anEnclave()] } }),
    },
    {
        code: "RECEIPT_ENCLAVE_NOT_OPERATED",
        when: "somebody else operates the enclave",
        receipt: () => attested({ operator: HUB }),
    },
    {
        code: "RECEIPT_CLAIM_CLASS_WRONG",
        when: "an enclave that only forwards stands for a model that runs",
        receipt: () => attested({ claimClass: "GATEWAY" }),
    },
    {
        code: "RECEIPT_MEASUREMENT_NOT_NAMED",
        when: "the model's owner does not name the measurement",
        receipt: () => attested({ mayAttest: false }),
    },
    {
        code: "RECEIPT_ENCLAVE_NOT_VALID",
        when: "the registration had ended",
        receipt: () => attested({ validUntil: ISSUED_AT }),
    },
    {
        code: "RECEIPT_ENCLAVE_NOT_VALID",
        when: "the enclave had been retired",
        receipt: () => attested({ standing: "retired" }),
    },
    {
        code: "RECEIPT_ENCLAVE_COMPROMISED",
        when: "the enclave was reported compromised",
        receipt: () => attested({ standing: "compromised" }),
    },
    {
        code: "RECEIPT_ENCLAVE_COMPROMISED",
        when: "the enclave was reported compromised since",
        receipt: attested,
        chainState: (receipt) => ({ ...honest(receipt), latest: { enclaves: { [enclaveId]: "compromised" } } }),
    },
    {
        code: "RECEIPT_ENCLAVE_FACTS_MISMATCH",
        when: "the chain holds another end of the registration",
        receipt: attested,
        chainState: (receipt) => ({ ...honest(receipt), enclaves: [{ ...anEnclave(), validUntil: ISSUED_AT + 99 }] }),
    },
    {
        code: "RECEIPT_ATTESTATION_WRONG",
        when: "the document is cut short",
        receipt: () => withDocument({ document: "0x84" }),
    },
    {
        code: "RECEIPT_ATTESTATION_WRONG",
        when: "the document was made for another registration",
        receipt: () => withDocument({ challenge: OTHER }),
    },
];
