/** Receipts with enclaves that say more than is shown, and facts that were read of something else. */
import {
    type ChainState,
    type EnclaveFacts,
    enclaveIdOf,
    FAMILIES,
    type Hex,
    type HubReceipt,
    PRESETS,
    type Verdict,
    verifyReceipt,
} from "@assay/protocol";
import { expect } from "chai";
import { anEnclave, chainStateFor, hubReceipt } from "../offchain/protocol/_receipts.ts";

const OTHER: Hex = `0x${"11".repeat(32)}`;
const ENCLAVE = "registry.enclaves.0";

function attested(enclave: Partial<EnclaveFacts> = {}): HubReceipt {
    return hubReceipt({ policy: PRESETS.TEE, families: ["TEE"], enclave });
}

/** The same without the document that shows where the key came from. */
function undocumented(enclave: Partial<EnclaveFacts> = {}): HubReceipt {
    const { attestation: _, ...receipt } = attested(enclave);
    return receipt;
}

function judged(receipt: HubReceipt, chain: Partial<ChainState> | undefined = undefined): Verdict {
    const chainState = chain === undefined ? undefined : { ...chainStateFor(receipt), ...chain };
    return verifyReceipt({ receipt, chainState });
}

const concatHex = (first: Hex, rest: string): Hex => `${first}${rest}`;
const textOf = ({ proven }: Verdict, subject: string) => proven.find((one) => one.subject === subject)?.text ?? "";
const subjectsOf = (list: readonly { subject: string }[]) => list.map(({ subject }) => subject);

describe("attack: receipts with enclaves", () => {
    it("prove of a key alone neither that it is an enclave's nor what that did", () => {
        const verdict = judged(undocumented());

        expect(verdict.accepted).to.equal(true);
        expect(textOf(verdict, "statement")).to.equal(`Key ${anEnclave().signer} signed the whole statement.`);
        expect(subjectsOf(verdict.claimed)).to.include.members([ENCLAVE, "attestation"]);
        expect(verdict.claimed.find(({ subject }) => subject === ENCLAVE)?.text).to.contain("COMPUTE");
    });

    it("say what it did once a document or the chain shows it", () => {
        for (const verdict of [judged(attested()), judged(undocumented(), {})]) {
            expect(textOf(verdict, "statement")).to.contain("COMPUTE, which says that it ran the model inside");
        }
    });

    it("count nothing as read that was read of another enclave", () => {
        const verdict = judged(undocumented(), { enclaves: [{ ...anEnclave(), enclaveId: OTHER }] });

        expect(subjectsOf(verdict.claimed)).to.include(ENCLAVE);
        expect(verdict.proven.filter(({ subject }) => subject.startsWith("registry.enclaves"))).to.deep.equal([]);
    });

    it("cannot hide that an enclave is simulated from whoever reads the chain or has the document", () => {
        const hidden = { simulated: false };

        expect(judged(attested(hidden)).code).to.equal("RECEIPT_ATTESTATION_WRONG");
        expect(judged(undocumented(hidden), { enclaves: [anEnclave()] }).code).to.equal(
            "RECEIPT_ENCLAVE_FACTS_MISMATCH",
        );
        expect(judged(undocumented()).present & 0x8000).to.equal(0x8000);
    });

    it("cannot come from a simulated enclave on a chain where there is none", () => {
        const chainId = 1;
        const { enclaveId: known, family, keyEpoch, ...rest } = anEnclave();
        const parts = { ...rest, chainId, family: FAMILIES[family], keyEpoch: BigInt(keyEpoch) };
        const enclaveId = enclaveIdOf(parts);
        const {
            attestation: _,
            evidence,
            ...made
        } = hubReceipt({
            policy: PRESETS.TEE,
            families: ["TEE"],
            chainId,
            enclave: { enclaveId },
        });
        const renamed = evidence.map((item) => ({
            ...item,
            data: concatHex(enclaveId, item.data.slice(known.length)),
        }));

        const { code, reason } = judged({ ...made, evidence: renamed });

        expect(code).to.equal("RECEIPT_ENCLAVE_NOT_VALID");
        expect(reason).to.contain("simulated");
    });

    it("cannot use a record of after the block that was read", () => {
        const { blockTimestamp } = attested().registry;
        const later = { registeredAt: blockTimestamp + 1, validUntil: blockTimestamp + 2 };

        const verdict = judged(undocumented(later));

        expect(verdict).to.deep.include({ accepted: false, code: "RECEIPT_ENCLAVE_NOT_VALID" });
    });

    it("cannot stop the verifier with numbers that no chain has", () => {
        for (const keyEpoch of [(2n ** 64n).toString(), "9".repeat(78)]) {
            expect(judged(attested({ keyEpoch })).code).to.equal("RECEIPT_MALFORMED");
        }
        const [attestation] = attested().attestation ?? [];
        const deadline = Number.MAX_SAFE_INTEGER;
        const receipt = { ...attested(), attestation: attestation === undefined ? [] : [{ ...attestation, deadline }] };
        expect(judged(receipt).code).to.equal("RECEIPT_ATTESTATION_WRONG");
    });

    it("cannot stop the verifier with a version that refuses to become text", () => {
        for (const version of [{ toString: 1, valueOf: 1 }, [[]], null, "\u001b[2J", "x".repeat(100_000)]) {
            const { code, reason } = verifyReceipt({ receipt: { version } });

            expect(code).to.equal("RECEIPT_VERSION_UNKNOWN");
            expect(reason.length).to.be.below(1100);
            expect(reason).to.not.match(/\p{Cc}/u);
        }
    });

    it("cannot bring a second record or document of an enclave, or that of another", () => {
        const receipt = attested();
        const enclaves = receipt.registry.enclaves ?? [];
        const attestation = receipt.attestation ?? [];
        const swapped = attestation.map((one) => ({ ...one, enclaveId: OTHER }));
        const doubled: HubReceipt[] = [
            { ...receipt, registry: { ...receipt.registry, enclaves: [...enclaves, ...enclaves] } },
            { ...receipt, attestation: [...attestation, ...attestation] },
            { ...receipt, attestation: swapped },
        ];

        expect(attestation).to.have.length(1);
        for (const one of doubled) {
            expect(judged(one).code).to.equal("RECEIPT_ENCLAVE_MISMATCH");
        }
    });
});
