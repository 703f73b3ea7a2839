/** Writes every generated file from its source tables; with --check writes nothing and exits 1 if one differs. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { constantsSolidity } from "./generate/constantsSolidity.ts";
import { errorsMarkdown } from "./generate/errorsMarkdown.ts";
import { operatorsMarkdown } from "./generate/operatorsMarkdown.ts";
import { p384Multiples } from "./generate/p384Multiples.ts";
import { receiptJsonSchema } from "./generate/receiptJsonSchema.ts";
import { sha512Block } from "./generate/sha512Block.ts";
import { simulatedRootsSolidity, simulatedRootsTypeScript } from "./generate/simulatedRoots.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const checkOnly = process.argv.includes("--check");

const FILES: Record<string, () => string> = {
    "contracts/libraries/P384Multiples.sol": p384Multiples,
    "contracts/libraries/Sha512Block.sol": sha512Block,
    "contracts/types/Constants.sol": constantsSolidity,
    "contracts/verifiers/tee/simulated/SimulatedRoots.sol": simulatedRootsSolidity,
    "docs/errors.md": errorsMarkdown,
    "docs/operators.md": operatorsMarkdown,
    "offchain/protocol/attestation/simulatedRoots.ts": simulatedRootsTypeScript,
    "offchain/protocol/receipt.schema.json": receiptJsonSchema,
};

const stale = Object.entries(FILES).filter(([path, render]) => {
    const file = join(root, path);
    const text = render();
    if (existsSync(file) && readFileSync(file, "utf8") === text) return false;
    if (!checkOnly) {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
    }
    return true;
});

for (const [path] of stale) console.log(checkOnly ? `${path} is not what its table says` : `wrote ${path}`);
if (checkOnly && stale.length > 0) {
    console.log("Run: node scripts/generate.ts");
    process.exitCode = 1;
}
