/** Writes the golden vectors of test/vectors that follow from the protocol package alone; run when a format changes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { certificateVectors } from "./vectors/attestation/certificates.ts";
import { payloadVectors } from "./vectors/attestation/payloads.ts";
import { enclaveVectors } from "./vectors/enclave.ts";
import { gatewayReceiptVectors } from "./vectors/gatewayReceipts.ts";
import { idVectors } from "./vectors/ids.ts";
import { p384Vectors } from "./vectors/p384.ts";
import { policyVectors } from "./vectors/policy.ts";
import { receiptVectors } from "./vectors/receipt.ts";
import { statementVectors } from "./vectors/statement.ts";
import { wordVectors } from "./vectors/words.ts";

const FILES = {
    "certificates.json": certificateVectors,
    "enclave.json": enclaveVectors,
    "gateway-receipts.json": gatewayReceiptVectors,
    "ids.json": idVectors,
    "nitro-payloads.json": payloadVectors,
    "p384.json": p384Vectors,
    "policy.json": policyVectors,
    "receipt.json": receiptVectors,
    "statement.json": statementVectors,
    "words.json": wordVectors,
};
const folder = new URL("../test/vectors/", import.meta.url);

mkdirSync(folder, { recursive: true });
for (const [name, vectors] of Object.entries(FILES)) {
    writeFileSync(new URL(name, folder), `${JSON.stringify(vectors(), null, 1)}\n`);
    console.log(`wrote ${fileURLToPath(new URL(name, folder))}`);
}
