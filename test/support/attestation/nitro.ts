import { keccak256, type NitroProfile } from "@assay/protocol";
import { simulatedName } from "../../../offchain/enclave/simulated/certificate.ts";
import type { SigningKey } from "../../../offchain/enclave/simulated/keys.ts";
import { developmentKey } from "../../../offchain/enclave/simulated/keys.ts";
import { simulatedMark } from "../../../offchain/enclave/simulated/mark.ts";
import { makeNitroChain, type NitroChainPlan, planNitroChain } from "../../../offchain/enclave/simulated/nitroChain.ts";
import {
    type NitroFields,
    nitroEntries,
    nitroPayload,
    type PayloadEntry,
    signNitroPayload,
} from "../../../offchain/enclave/simulated/nitroDocument.ts";
import { type DevelopmentRoot, developmentRoot } from "../../../offchain/enclave/simulated/roots.ts";
import { SIMULATED_NITRO } from "../../../offchain/protocol/attestation/simulated.ts";
import { writeRoot } from "./root.ts";

/** Whose documents are made: a root, what its certificates carry, how its machines are named, and who accepts them. */
export interface NitroForm {
    root: Pick<DevelopmentRoot, "key" | "subject" | "certificate">;
    marks: readonly Uint8Array[];
    machine: "i" | "sim";
    profile: NitroProfile;
}

/** A root of the tests' own in the place of AWS's: everything else is as in genuine documents. */
export const TEST_FORM = nitroForm("tests/nitro root");

/** The development root of the stand-ins. */
export const SIMULATED_FORM: NitroForm = {
    root: developmentRoot("nitro"),
    marks: [simulatedMark()],
    machine: "sim",
    profile: SIMULATED_NITRO,
};

/** A time at which made documents are fresh, unix seconds. */
export const AT = 1770919000;

/** Digits of the machine and the enclave in module_id. */
const INSTANCE = "0123456789abcdef0";
const ENCLAVE = "0123456789abcdef";

/** What to change of a good document; each step sees what the one before it made. */
export interface NitroChange {
    form?: NitroForm;
    /** Certificates below the root, before they are made. */
    plan?: (plan: NitroChainPlan) => NitroChainPlan;
    /** Certificates as made: root first, leaf last. */
    chain?: (chain: Uint8Array[]) => Uint8Array[];
    fields?: Partial<NitroFields>;
    entries?: (entries: PayloadEntry[]) => PayloadEntry[];
    /** Bytes of the payload, before they are signed. */
    payload?: (payload: Uint8Array) => Uint8Array;
    /** Signs the document in the place of the leaf's key. */
    key?: (leafKey: SigningKey) => SigningKey;
    indefinite?: boolean;
    tagged?: boolean;
}

/** Another root of the hardware tier, with names like those of every other. */
export function nitroForm(keyName: string): NitroForm {
    const key = developmentKey({ curve: "P-384", name: keyName });
    const subject = simulatedName("tests nitro root");
    const certificate = writeRoot({ key, subject });
    const profile: NitroProfile = { tier: "hardware", rootHash: keccak256(certificate) };
    return { root: { key, subject, certificate }, marks: [], machine: "i", profile };
}

/** The plan of a good document's certificates. */
export function aNitroPlan({ root, marks }: NitroForm = TEST_FORM): NitroChainPlan {
    return planNitroChain({ instance: INSTANCE, enclave: ENCLAVE, at: AT, root, marks });
}

/** A document made at AT: 48-byte registers 0 to 15, of which 0, 1, 2, 4 and 8 are not zero. */
export function aNitroDocument(change: NitroChange = {}): Uint8Array {
    const { form = TEST_FORM, plan = same, chain = same, entries = same, payload = same, key = same } = change;
    const { indefinite = true, tagged = false } = change;
    const planned = plan(aNitroPlan(form));
    const made = makeNitroChain(planned);
    const certificates = chain([...made.cabundle, made.leaf]);
    const fields: NitroFields = {
        moduleId: `${form.machine}-${INSTANCE}-enc${ENCLAVE}`,
        timestamp: AT * 1000 + 724,
        pcrs: aRegisterBank(),
        certificate: certificates.at(-1) ?? new Uint8Array(),
        cabundle: certificates.slice(0, -1),
        userData: new Uint8Array(32).fill(0xb1),
        publicKey: new TextEncoder().encode("dummy"),
        nonce: new Uint8Array(20).fill(0x0e),
        ...change.fields,
    };
    const bytes = payload(nitroPayload(entries(nitroEntries(fields)), { indefinite }));
    return signNitroPayload({ payload: bytes, key: key(planned.leafKey), tagged });
}

/** Sixteen registers; `zero` names those of 0, 1, 2, 4 and 8 that are zero too. */
export function aRegisterBank({ zero = [] }: { zero?: readonly number[] } = {}): [number, Uint8Array][] {
    const used = [0, 1, 2, 4, 8].filter((index) => !zero.includes(index));
    const registerOf = (index: number) => new Uint8Array(48).fill(used.includes(index) ? 0x10 + index : 0);
    return Array.from({ length: 16 }, (_, index) => [index, registerOf(index)]);
}

function same<T>(value: T): T {
    return value;
}
