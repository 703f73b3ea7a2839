import { readDocument, readGiven } from "../tee/evidenceFile.ts";
import { judgeDocument } from "../tee/judge.ts";
import { TEE_OPTIONS, teeInput } from "../tee/options.ts";
import { verdictText, verdictValue } from "../tee/verdictText.ts";
import { defineGroup, defineVerb } from "../verb.ts";
import { teeCompromised, teeRetire } from "./teeEnd.ts";
import { teeList } from "./teeList.ts";
import { teeMeasurement } from "./teeMeasurement.ts";
import { teeName, teeUnname } from "./teeName.ts";
import { teeRegister } from "./teeRegister.ts";

const verify = defineVerb({
    name: "verify",
    about: "Check one attestation document: genuine, of an enclave without debugging, of the code that you expect",
    args: [{ term: "<file>", about: "Nitro document, TDX or SGX quote, SEV-SNP report: binary, hex or base64" }],
    options: TEE_OPTIONS,
    input: teeInput,
    run: async ({ shell }, input) => {
        const document = await readDocument(shell, input.file);
        const collateral = await Promise.all((input.collateral ?? []).map((file) => readGiven(shell, file)));
        const at = input.at ?? Math.floor(Date.now() / 1000);
        const verdict = await judgeDocument({ input, document, collateral, at });
        return { ok: verdict.accepted, value: verdictValue(verdict), text: verdictText(verdict) };
    },
});

/** `assay tee …`: attestation documents, the enclaves registered by them, and the code that may attest a model. */
export const tee = defineGroup({
    name: "tee",
    about: "Attestation documents, registered enclaves, and the code that may attest a model",
    verbs: [verify, teeMeasurement, teeRegister, teeList, teeRetire, teeCompromised, teeName, teeUnname],
});
