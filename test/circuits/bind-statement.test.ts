import { bindOf, FIELD_ORDER, verifyGroth16 } from "@assay/protocol";
import { expect } from "chai";
import { groth16 } from "snarkjs";
import { devSetup } from "../../offchain/compiler/setup/devSetup.ts";
import { createCircomCalculator } from "../support/circomWitness.ts";
import { BUILDS, compileInstance, forge } from "../support/circuit.ts";
import { eip197 } from "../support/proof.ts";

const INSTANCE = { file: "binding/bind-statement.circom", call: "BindStatement()", publicInputs: ["bind"] };
const DIGEST = `0x${"c3".repeat(32)}` as const;

describe("BindStatement", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    for (const build of BUILDS) {
        it(`accepts any bind with one witness, by one constraint (${build} build)`, async () => {
            const circuit = await compileInstance({ ...INSTANCE, build });

            expect(circuit.constraintCount).to.equal(1);
            for (const bind of [0n, 1n, 2n, (1n << 253n) - 1n, FIELD_ORDER - 1n]) {
                const witness = await circuit.witness({ bind: [bind] });
                const square = witness.get("square") ?? 0n;

                expect(circuit.accepts(witness)).to.equal(true);
                expect(circuit.accepts(forge(witness, { square: square + 1n }))).to.equal(false);
                expect(circuit.accepts(forge(witness, { bind: bind + 1n }))).to.equal(false);
            }
        });
    }

    it("makes a proof hold for one bind only", async () => {
        const { compiled } = await compileInstance(INSTANCE);
        const { zkey, verifyingKey } = await devSetup({ r1cs: compiled.r1cs });
        const bind = bindOf(DIGEST);
        const calculator = await createCircomCalculator(new Uint8Array(compiled.wasm));
        const { file } = await calculator.calculate({ bind: [bind] });
        const made = await groth16.prove(zkey, file, undefined, { singleThread: true });
        const proof = eip197(made.proof);

        expect(verifyingKey.ic[1]).not.to.deep.equal([0n, 0n]);
        expect(verifyGroth16({ key: verifyingKey, signals: [bind], proof })).to.equal(true);
        for (const other of [0n, bind + 1n, FIELD_ORDER - bind, bindOf(`0x${"00".repeat(32)}`), bind + FIELD_ORDER]) {
            expect(verifyGroth16({ key: verifyingKey, signals: [other], proof })).to.equal(false);
        }
    });
});
