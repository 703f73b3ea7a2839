import { createRequire } from "node:module";
import { ProtocolError } from "@assay/protocol";
import { z } from "zod";
import type { Artifact } from "../checkout.ts";

const solcSchema = z.object({ compile: z.custom<(input: string) => string>((value) => typeof value === "function") });
const contractSchema = z.object({
    abi: z.array(z.record(z.string(), z.unknown())),
    evm: z.object({ bytecode: z.object({ object: z.string().min(2) }) }),
});
const outputSchema = z.object({
    errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).default([]),
    contracts: z.object({ "Verifier.sol": z.record(z.string(), contractSchema) }).optional(),
});

/** Compiles a stand-alone verifier with the settings of the deployed contracts. */
export function compileVerifier(source: string): Artifact {
    const solc = solcSchema.parse(createRequire(import.meta.url)("solc"));
    const input = {
        language: "Solidity",
        sources: { "Verifier.sol": { content: source } },
        settings: {
            evmVersion: "osaka",
            optimizer: { enabled: true, runs: 10_000 },
            outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
        },
    };
    const raw: unknown = JSON.parse(solc.compile(JSON.stringify(input)));
    const { errors, contracts } = outputSchema.parse(raw);
    const [contract] = Object.values(contracts?.["Verifier.sol"] ?? {});
    if (contract !== undefined) return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
    throw new ProtocolError({
        code: "COMPILED_MODEL_INVALID",
        message: `Verifier.sol does not compile: ${errors.map(({ formattedMessage }) => formattedMessage).join(" ")}`,
    });
}
