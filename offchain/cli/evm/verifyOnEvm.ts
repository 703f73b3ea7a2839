import { bytesToHex, type Proof } from "@assay/protocol";
import { groth16VerifierAbi } from "@assay/sdk";
import { Interface, toBeHex } from "ethers";
import { readArtifact } from "../checkout.ts";
import { compileVerifier } from "./_solc.ts";
import { createInProcessEvm, type InProcessEvm } from "./inProcessEvm.ts";

/** What one contract said of a proof, and the gas of the whole transaction; undefined gas = it reverted. */
export type EvmVerdict = { accepted: boolean; gas: bigint | undefined };

type Claim = { signals: readonly bigint[]; proof: Proof };

/** Verifies a proof with the generic contract, its key as data, and with the model's own, in an EVM of this process. */
export async function verifyOnEvm({
    key,
    verifierSource,
    ...claim
}: Claim & { key: Uint8Array; verifierSource: string }): Promise<{ generic: EvmVerdict; standAlone: EvmVerdict }> {
    const own = compileVerifier(verifierSource);
    const evm = await createInProcessEvm();
    try {
        return {
            generic: await verifyGeneric(evm, { key, ...claim }),
            standAlone: await verifyStandAlone(evm, { contract: own, ...claim }),
        };
    } finally {
        await evm.close();
    }
}

async function verifyGeneric(
    evm: InProcessEvm,
    { key, signals, proof }: Claim & { key: Uint8Array },
): Promise<EvmVerdict> {
    const source = "contracts/verifiers/groth16/Groth16Verifier.sol";
    const to = await evm.deploy(await readArtifact({ source, name: "Groth16Verifier" }));
    const pointer = await evm.deploy({ abi: [], bytecode: storeCode(key) });
    const contract = new Interface(groth16VerifierAbi);
    const ran = await evm.run({ to, data: contract.encodeFunctionData("verify", [pointer, signals, proof]) });
    return { accepted: ran !== undefined, gas: ran?.gas };
}

async function verifyStandAlone(
    evm: InProcessEvm,
    { contract, signals, proof }: Claim & { contract: ReturnType<typeof compileVerifier> },
): Promise<EvmVerdict> {
    const points = "uint256[2] a, uint256[2][2] b, uint256[2] c";
    const form = new Interface([`function verifyProof(${points}, uint256[${signals.length}] s) view returns (bool)`]);
    const [ax, ay, bxImaginary, bxReal, byImaginary, byReal, cx, cy] = proof;
    const b = [
        [bxImaginary, bxReal],
        [byImaginary, byReal],
    ];
    const data = form.encodeFunctionData("verifyProof", [[ax, ay], b, [cx, cy], signals]);
    const ran = await evm.run({ to: await evm.deploy(contract), data });
    return { accepted: ran !== undefined && BigInt(ran.returned) === 1n, gas: ran?.gas };
}

/** Creation code that leaves STOP and the key as code: PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN. */
function storeCode(key: Uint8Array): string {
    return `0x61${toBeHex(key.length + 1, 2).slice(2)}80600a5f395ff300${bytesToHex(key).slice(2)}`;
}
