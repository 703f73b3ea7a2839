import { createHash } from "node:crypto";
import {
    encodeKey,
    FIELD_ORDER,
    isProtocolError,
    lintKey,
    type ProtocolError,
    tag,
    verifyGroth16,
} from "@assay/protocol";
import { expect } from "chai";
import { AbiCoder, keccak256 } from "ethers";
import { buildBn128 } from "ffjavascript";
import { groth16, zKey } from "snarkjs";
import { rootOfUnity } from "../../../offchain/compiler/setup/_field.ts";
import { multiplyHere } from "../../../offchain/compiler/setup/_multiply.ts";
import { multiplyGenerators } from "../../../offchain/compiler/setup/_multiplyGenerators.ts";
import { log2DomainSize } from "../../../offchain/compiler/setup/_qap.ts";
import { devSetup, type SetupResult } from "../../../offchain/compiler/setup/devSetup.ts";
import { checkTrapdoor, devTrapdoor } from "../../../offchain/compiler/setup/trapdoor.ts";
import { createCircomCalculator } from "../../support/circomWitness.ts";
import { type Circuit, compileInstance } from "../../support/circuit.ts";
import { forge } from "../../support/forge.ts";
import { eip197 } from "../../support/proof.ts";

const RANGE_CHECK = { file: "fixed-point/range-check.circom", publicInputs: ["x"] };
/** As the header of an r1cs says it: little-endian. */
const FIELD_ORDER_BYTES = Buffer.from(FIELD_ORDER.toString(16), "hex").reverse();
const SOUND = { tau: 2n, alpha: 3n, beta: 5n, gamma: 7n, delta: 11n };

async function prove({ circuit, setup, x }: { circuit: Circuit; setup: SetupResult; x: bigint }) {
    const calculator = await createCircomCalculator(new Uint8Array(circuit.compiled.wasm));
    const { file } = await calculator.calculate({ x: [x] });
    return groth16.prove(setup.zkey, file, undefined, { singleThread: true });
}

/** The ProtocolError that an action ends in. */
async function faultOf(action: () => unknown): Promise<ProtocolError> {
    try {
        await action();
    } catch (error) {
        if (isProtocolError(error)) return error;
        throw error;
    }
    return expect.fail("no error");
}

describe("devSetup", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    let circuit: Circuit;
    let setup: SetupResult;

    before(async () => {
        circuit = await compileInstance({ ...RANGE_CHECK, call: "RangeCheck(8)" });
        setup = await devSetup({ r1cs: circuit.compiled.r1cs });
    });

    after(async () => {
        // zKey.exportVerificationKey started the worker threads of the process-wide curve
        await (await buildBn128()).terminate();
    });

    it("makes a key that snarkjs exports, proves with and verifies", async () => {
        const exported = await zKey.exportVerificationKey(setup.zkey);
        const { proof, publicSignals } = await prove({ circuit, setup, x: 200n });

        expect(exported).to.deep.equal(setup.verificationKey);
        expect(await groth16.verify(exported, publicSignals, proof)).to.equal(true);
        expect(await groth16.verify(exported, ["201"], proof)).to.equal(false);
        expect(verifyGroth16({ key: setup.verifyingKey, signals: [200n], proof: eip197(proof) })).to.equal(true);
    });

    it("makes a key that the chain's lint accepts", () => {
        expect(lintKey(encodeKey(setup.verifyingKey))).to.deep.equal([]);
    });

    it("sizes the domain right on both sides of a power of two", async () => {
        for (const bits of [1, 5, 6, 7, 13, 14, 15]) {
            const other = await compileInstance({ ...RANGE_CHECK, call: `RangeCheck(${bits})` });
            const made = await devSetup({ r1cs: other.compiled.r1cs });
            const { proof } = await prove({ circuit: other, setup: made, x: 1n });

            expect(verifyGroth16({ key: made.verifyingKey, signals: [1n], proof: eip197(proof) })).to.equal(true);
            expect(verifyGroth16({ key: made.verifyingKey, signals: [0n], proof: eip197(proof) })).to.equal(false);
        }
    });

    it("gives equal bytes for equal r1cs, others for others", async () => {
        const again = await devSetup({ r1cs: circuit.compiled.r1cs });
        const other = await compileInstance({ ...RANGE_CHECK, call: "RangeCheck(9)" });

        expect(again.zkey).to.deep.equal(setup.zkey);
        expect(encodeKey(again.verifyingKey)).to.deep.equal(encodeKey(setup.verifyingKey));
        const { verifyingKey } = await devSetup({ r1cs: other.compiled.r1cs });
        expect(encodeKey(verifyingKey)).not.to.deep.equal(encodeKey(setup.verifyingKey));
    });

    it("gives the same points however many processes make them, and says how far they are", async () => {
        const shares: number[] = [];
        const scalars = Array.from({ length: 20_001 }, (_, index) => BigInt(index) ** 3n);
        const encoded = new Uint8Array(32 * scalars.length);
        const view = new DataView(encoded.buffer);
        for (const [index, scalar] of scalars.entries()) view.setBigUint64(32 * index, scalar, true);

        const { g1, g2 } = await multiplyGenerators({
            g1: [scalars.slice(0, 7), scalars.slice(7)],
            g2: [scalars.slice(0, 9)],
            onShare: (share) => shares.push(share),
        });

        const here = await multiplyHere({ g1: encoded, g2: encoded.slice(0, 32 * 9) });
        expect(Buffer.concat(g1).equals(here.g1)).to.equal(true);
        expect(g1.map(({ length }) => length)).to.deep.equal([7 * 64, 19_994 * 64]);
        expect(Buffer.concat(g2).equals(here.g2)).to.equal(true);
        expect(shares.length).to.be.greaterThan(2);
        expect(shares).to.deep.equal(shares.toSorted((left, right) => left - right));
        expect(shares.at(-1)).to.equal(1);
    });

    it("derives its secrets as documented", () => {
        const { r1cs } = circuit.compiled;
        const digest = createHash("sha256").update(r1cs).digest();
        const secret = (i: number): bigint =>
            BigInt(
                keccak256(
                    AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32", "uint256"], [tag("dev-setup"), digest, i]),
                ),
            ) % FIELD_ORDER;

        expect(devTrapdoor(r1cs)).to.deep.equal({
            tau: secret(1),
            alpha: secret(2),
            beta: secret(3),
            gamma: secret(4),
            delta: secret(5),
        });
    });

    it("lets anybody forge: a proof of 300 as a byte, from public numbers alone", () => {
        const { verifyingKey } = setup;
        const trapdoor = devTrapdoor(circuit.compiled.r1cs);
        const proof = forge({ trapdoor, verifyingKey, signals: [300n] });

        expect(verifyGroth16({ key: verifyingKey, signals: [300n], proof })).to.equal(true);
        expect(verifyGroth16({ key: verifyingKey, signals: [301n], proof })).to.equal(false);
    });

    it("cannot be forged for by another trapdoor", () => {
        const { verifyingKey } = setup;
        const proof = forge({ trapdoor: SOUND, verifyingKey, signals: [300n] });

        expect(verifyGroth16({ key: verifyingKey, signals: [300n], proof })).to.equal(false);
    });

    describe("checkTrapdoor", () => {
        const log2Size = 4;

        it("accepts sound secrets", () => {
            expect(() => checkTrapdoor({ trapdoor: SOUND, log2Size })).not.to.throw();
        });

        for (const [fault, change] of [
            ["tau is 0.", { tau: 0n }],
            ["alpha is 0.", { alpha: 0n }],
            ["beta is 0.", { beta: 0n }],
            ["gamma is 0.", { gamma: 0n }],
            ["delta is 0.", { delta: 0n }],
            ["gamma equals delta.", { gamma: 11n }],
            ["tau lies in the evaluation domain.", { tau: 1n }],
            ["tau lies in the evaluation domain.", { tau: rootOfUnity(4) }],
            ["tau lies in the evaluation domain.", { tau: rootOfUnity(5) }],
        ] as const) {
            it(`refuses secrets of which ${fault} (${Object.entries(change)})`, async () => {
                const error = await faultOf(() => checkTrapdoor({ trapdoor: { ...SOUND, ...change }, log2Size }));

                expect(error.code).to.equal("SETUP_TRAPDOOR_INVALID");
                expect(error.message).to.include(fault);
            });
        }
    });

    describe("bad input", () => {
        const cases: [string, (bytes: Uint8Array) => Uint8Array][] = [
            ["no bytes", () => new Uint8Array()],
            ["text", () => new TextEncoder().encode("not a constraint system")],
            ["half a file", (bytes) => bytes.slice(0, bytes.length / 2)],
            ["another version", (bytes) => bytes.with(4, 2)],
            ["another field", (bytes) => bytes.with(Buffer.from(bytes).indexOf(FIELD_ORDER_BYTES) + 1, 1)],
            ["four billion wires", (bytes) => bytes.with(Buffer.from(bytes).indexOf(FIELD_ORDER_BYTES) + 35, 255)],
            ["a section with a wrong number", (bytes) => bytes.with(12, 9)],
        ];
        it("refuses more constraints than a domain has points", async () => {
            const fits = { constraintCount: 2 ** 27 - 2, publicOutputs: 0, publicInputs: 1 };

            expect(log2DomainSize(fits)).to.equal(27);
            const error = await faultOf(() => log2DomainSize({ ...fits, publicInputs: 2 }));
            expect(error.code).to.equal("R1CS_INVALID");
        });

        for (const [name, change] of cases) {
            it(`refuses ${name}`, async () => {
                const error = await faultOf(() => devSetup({ r1cs: change(new Uint8Array(circuit.compiled.r1cs)) }));

                expect(error.code).to.equal("R1CS_INVALID");
            });
        }
    });
});
