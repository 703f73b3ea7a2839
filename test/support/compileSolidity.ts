/** Compiles one Solidity source with the compiler of the repository, outside the build. */
import solc from "solc";
import { z } from "zod";

const outputSchema = z.object({
    errors: z.array(z.object({ formattedMessage: z.string() })).optional(),
    contracts: z.record(
        z.string(),
        z.record(
            z.string(),
            z.object({ abi: z.array(z.unknown()), evm: z.object({ bytecode: z.object({ object: z.string() }) }) }),
        ),
    ),
});

/** ABI and creation code of the contract `name`; any error or warning of the compiler throws. */
export function compileSolidity({ source, name, optimise }: { source: string; name: string; optimise: boolean }): {
    abi: string;
    bytecode: string;
} {
    const file = `${name}.sol`;
    const output = outputSchema.parse(
        JSON.parse(
            solc.compile(
                JSON.stringify({
                    language: "Solidity",
                    sources: { [file]: { content: source } },
                    settings: {
                        optimizer: { enabled: optimise, runs: 200 },
                        outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
                    },
                }),
            ),
        ),
    );
    const [message] = output.errors ?? [];
    if (message !== undefined) throw new Error(message.formattedMessage);
    const contract = output.contracts[file]?.[name];
    if (contract === undefined) throw new Error(`${name} is not in the source.`);
    return { abi: JSON.stringify(contract.abi), bytecode: `0x${contract.evm.bytecode.object}` };
}
