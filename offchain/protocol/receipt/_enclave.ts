import { FAMILIES, familyName, isDevelopmentChain, PRESENT_BITS } from "../constants.ts";
import { enclaveIdOf } from "../enclave.ts";
import { isProtocolError } from "../errors/ProtocolError.ts";
import { decodeTee, isTeeFamily, recoverSigner } from "../evidence.ts";
import type { Hex } from "../hex.ts";
import { checkAttestation } from "./_attestation.ts";
import type { Case } from "./_case.ts";
import type { EnclaveFacts } from "./schema.ts";
import { merge, type Report, refuse } from "./verdict.ts";

type Item = { examined: Case; family: number; enclave: EnclaveFacts; subject: string };

/** TEE_*: an enclave that the registry held as valid at the receipt's block signed the statement's digest. */
export function checkEnclave(examined: Case, { family, data }: { family: number; data: Hex }): Report {
    const signed = readItem({ digest: examined.digest, data });
    if (signed === undefined) return refuse("RECEIPT_SIGNATURE_MALFORMED", `${familyName(family)} item.`);
    const { enclaveId, signer } = signed;
    const enclaves = examined.receipt.registry.enclaves ?? [];
    const index = enclaves.findIndex((one) => one.enclaveId === enclaveId);
    const enclave = enclaves[index];
    if (enclave === undefined) return refuse("RECEIPT_ENCLAVE_MISSING", `It has no record of enclave ${enclaveId}.`);
    if (signer !== enclave.signer) {
        return refuse("RECEIPT_SIGNATURE_WRONG", `Signed by ${signer}, not by enclave key ${enclave.signer}.`);
    }
    return merge(reports({ examined, family, enclave, subject: `registry.enclaves.${index}` }));
}

/** Every enclave that a receipt speaks of signed it, and is spoken of once. */
export function checkEnclaveLists({ receipt, evidence }: Case): Report {
    const signers = new Set(evidence.filter(({ family }) => isTeeFamily(family)).map(({ data }) => data.slice(0, 66)));
    for (const list of [receipt.registry.enclaves ?? [], receipt.attestation ?? []]) {
        const ids = list.map(({ enclaveId }) => enclaveId);
        const stray = ids.find((id, index) => !signers.has(id) || ids.indexOf(id) !== index);
        if (stray !== undefined)
            return refuse("RECEIPT_ENCLAVE_MISMATCH", `Enclave ${stray} signed no item of its own.`);
    }
    return {};
}

function* reports(item: Item): Generator<Report> {
    yield checkIdentity(item);
    yield checkClaim(item);
    yield checkStanding(item);
    yield findings(item);
    yield checkAttestation(item);
}

/** The record is the one its id commits to, of this family, and of whoever answers for the statement. */
function checkIdentity({ examined, family, enclave }: Item): Report {
    const { chainId, statement } = examined.receipt;
    const { registry, measurementId, signer, keyEpoch, enclaveId, operator } = enclave;
    const expected = enclaveIdOf({ chainId, registry, family, measurementId, signer, keyEpoch: BigInt(keyEpoch) });
    if (FAMILIES[enclave.family] !== family || expected !== enclaveId) {
        return refuse("RECEIPT_ENCLAVE_MISMATCH", `What the receipt says of the enclave has the id ${expected}.`);
    }
    if (operator === statement.executor) return {};
    return refuse("RECEIPT_ENCLAVE_NOT_OPERATED", `Enclave ${enclaveId} is operated by ${operator}.`);
}

/** An enclave that only forwards says nothing of a model that has an artifact, and the other way round. */
function checkClaim({ examined, enclave }: Item): Report {
    const { semantics } = examined.receipt.registry.model;
    if ((enclave.claimClass === "GATEWAY") !== (semantics === "REMOTE")) {
        return refuse("RECEIPT_CLAIM_CLASS_WRONG", `${enclave.claimClass} for a ${semantics} model.`);
    }
    if (enclave.mayAttest) return {};
    return refuse("RECEIPT_MEASUREMENT_NOT_NAMED", `Measurement ${enclave.measurementId}.`);
}

function checkStanding({ examined: { receipt, chain }, enclave }: Item): Report {
    const { blockTimestamp } = receipt.registry;
    const since = chain?.latest?.enclaves?.[enclave.enclaveId];
    if (enclave.standing === "compromised" || since === "compromised") {
        return refuse("RECEIPT_ENCLAVE_COMPROMISED", since === undefined ? "At the block." : "Reported since.");
    }
    const { standing, registeredAt, validUntil, simulated } = enclave;
    if (simulated && !isDevelopmentChain(receipt.chainId)) {
        return refuse("RECEIPT_ENCLAVE_NOT_VALID", `No simulated enclave is valid on chain ${receipt.chainId}.`);
    }
    if (standing !== "live" || blockTimestamp < registeredAt || blockTimestamp > validUntil) {
        const window = `from ${registeredAt} until ${validUntil}, read at ${blockTimestamp}`;
        return refuse("RECEIPT_ENCLAVE_NOT_VALID", `The enclave is ${standing}, valid ${window}.`);
    }
    if (since !== "retired") return {};
    const text = `Enclave ${enclave.enclaveId} was retired after this statement.`;
    return { warnings: [{ code: "RECEIPT_ENCLAVE_RETIRED", text }] };
}

function findings({ examined: { chain, receipt }, family, enclave, subject }: Item): Report {
    const simulated = enclave.simulated ? 1 << PRESENT_BITS.SIMULATED : 0;
    const isOfIt = ({ enclaveId }: { enclaveId: Hex }) => enclaveId === enclave.enclaveId;
    const read = chain?.enclaves?.some(isOfIt) ?? false;
    // Whose key signed is certain; that it is an enclave's, which did this or that, the chain or a document must show.
    const isShown = read || receipt.attestation?.some(isOfIt) === true;
    const signer = isShown ? describe(enclave) : `Key ${enclave.signer}`;
    const word = `${describe(enclave)}: that it is valid, attested and named by the model's owner, is the receipt's word.`;
    return {
        present: (1 << family) | simulated,
        proven: [{ subject: "statement", by: "signature", text: `${signer} signed the whole statement.` }],
        claimed: read ? [] : [{ subject, text: word }],
        warnings: enclave.simulated
            ? [
                  {
                      code: "RECEIPT_SIMULATED",
                      text: "SIMULATED: everybody has the key that this enclave is attested by.",
                  },
              ]
            : [],
    };
}

/** COMPUTE and GATEWAY must never be taken for each other; of a simulated enclave nothing shows what it did. */
function describe({ signer, claimClass, family, simulated }: EnclaveFacts): string {
    const [ran, forwarded] = simulated
        ? ["which says that it ran the model inside", "which says that it only forwarded to somebody else"]
        : ["which ran the model inside", "which only forwarded to somebody else"];
    const did = claimClass === "COMPUTE" ? ran : forwarded;
    return `Enclave key ${signer} (${family}, ${claimClass}, ${did})`;
}

function readItem({ digest, data }: { digest: Hex; data: Hex }): { enclaveId: Hex; signer: Hex } | undefined {
    try {
        const { enclaveId, signature } = decodeTee(data);
        return { enclaveId, signer: recoverSigner({ digest, signature }) };
    } catch (error) {
        if (isProtocolError(error, "EVIDENCE_MALFORMED")) return undefined;
        throw error;
    }
}
