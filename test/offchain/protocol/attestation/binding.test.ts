import { type AttestationKind, type EnclaveBinding, enclaveBindingHash, type Hex, isBoundTo } from "@assay/protocol";
import { expect } from "chai";
import { createRandom } from "../_random.ts";

const random = createRandom("enclave binding");
const BINDING: EnclaveBinding = {
    chainId: 31337,
    registry: random.address(),
    operator: random.address(),
    signer: random.address(),
    keyEpoch: 3,
    challenge: random.hash(),
    deadline: 1770919022,
    claims: { claimClass: 1, upstreamHash: random.hash(), configHash: random.hash(), binaryDigest: random.hash() },
};
const HASH = enclaveBindingHash(BINDING).slice(2);
const ZEROS = "00".repeat(32);
const TLS = random.hash().slice(2);

/** Whether user data of these digits binds the binding. */
function binds(digits: string, kind: AttestationKind = "nitro", binding = BINDING): boolean {
    return isBoundTo({ kind, userData: `0x${digits}`, binding });
}

describe("isBoundTo", () => {
    it("takes the hash alone, or nitriding's layout, in a Nitro document", () => {
        expect(binds(HASH)).to.equal(true);
        expect(binds(HASH.toUpperCase())).to.equal(true);
        expect(binds(`1220${TLS}1220${HASH}`)).to.equal(true);
    });

    it("takes the hash and 32 zero bytes as report data", () => {
        for (const kind of ["tdx", "sgx", "snp"] as const) expect(binds(`${HASH}${ZEROS}`, kind)).to.equal(true);
    });

    it("takes nothing else", () => {
        const other = ["", ZEROS, `${HASH}00`, `00${HASH}`, HASH.slice(2), `${HASH}${ZEROS}`, `${HASH}${HASH}`];
        const nitriding = [
            `1220${HASH}1220${TLS}`,
            `1220${TLS}1221${HASH}`,
            `1120${TLS}1220${HASH}`,
            `1220${TLS}1220${HASH}00`,
            `1220${TLS}${HASH}`,
        ];
        expect([...other, ...nitriding].filter((digits) => binds(digits))).to.deep.equal([]);
    });

    it("takes no layout of another kind", () => {
        const report = [
            HASH,
            `1220${TLS}1220${HASH}`,
            `${HASH}${ZEROS}00`,
            `${HASH}${ZEROS.slice(2)}01`,
            `${ZEROS}${HASH}`,
        ];
        for (const kind of ["tdx", "sgx", "snp"] as const) {
            expect(report.filter((digits) => binds(digits, kind))).to.deep.equal([]);
        }
    });

    it("depends on every field of the binding", () => {
        const { claims } = BINDING;
        const others: EnclaveBinding[] = [
            { ...BINDING, chainId: 1 },
            { ...BINDING, registry: random.address() },
            { ...BINDING, operator: random.address() },
            { ...BINDING, signer: random.address() },
            { ...BINDING, keyEpoch: 4 },
            { ...BINDING, challenge: random.hash() },
            { ...BINDING, deadline: 1770919023 },
            { ...BINDING, claims: { ...claims, claimClass: 2 } },
            ...(["upstreamHash", "configHash", "binaryDigest"] as const).map((name) => ({
                ...BINDING,
                claims: { ...claims, [name]: random.hash() as Hex },
            })),
        ];
        expect(others.filter((binding) => binds(HASH, "nitro", binding))).to.deep.equal([]);
    });
});
