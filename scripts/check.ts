/** Formatting, lint, types, generated files, licences, purity: everything a tool can judge. Closes with "N passed, N failed". */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { circuitFaults } from "./checks/circuits.ts";
import { developmentRootTraces } from "./checks/developmentRoots.ts";
import { copyleftPackages } from "./checks/licences.ts";
import { effectsInPureFiles } from "./checks/purity.ts";
import { typeErrors } from "./checks/types.ts";
import { compilerWarnings } from "./checks/warnings.ts";

type Check = { name: string; run: () => string[] };

/** A check that passes when the command does; its output is the fault. */
function command(name: string, line: string): Check {
    return {
        name,
        run: () => {
            const { status, stdout, stderr } = spawnSync(line, {
                shell: true,
                encoding: "utf8",
                env: { ...process.env, NO_COLOR: "1" },
            });
            return status === 0 ? [] : [`${stdout}${stderr}`.trim()];
        },
    };
}

const CHECKS: Check[] = [
    command("TypeScript and JSON: format and lint", "biome ci --error-on-warnings"),
    command("Solidity: format", "prettier --check 'contracts/**/*.sol' 'test/**/*.sol'"),
    command("Solidity: lint", "solhint --disc --max-warnings 0 'contracts/**/*.sol'"),
    command("Solidity: build", "hardhat build --force"),
    { name: "Solidity: compiler warnings", run: compilerWarnings },
    { name: "TypeScript: types", run: typeErrors },
    command("Generated: constants, schema, errors", "node scripts/generate.ts --check"),
    command("Generated: ABI module", "node scripts/generate-abi.ts --check"),
    command("Generated: circuits", "node scripts/generate-circuits.ts --check"),
    { name: "Circuits: documented, no assert on signals, every hint bound", run: circuitFaults },
    { name: "Licences: no GPL below protocol, sdk and contracts", run: copyleftPackages },
    { name: "Purity: protocol and cores have no effects", run: effectsInPureFiles },
    { name: "Development roots: named by the stand-ins alone", run: developmentRootTraces },
];

if (!existsSync("node_modules")) throw new Error("Install first: npx -y -p node@24 npm ci");
let failed = 0;
for (const { name, run } of CHECKS) {
    const faults = run();
    console.log(`${faults.length === 0 ? "ok  " : "FAIL"} ${name}`);
    for (const fault of faults) console.log(fault.replaceAll(/^/gm, "     "));
    if (faults.length > 0) failed += 1;
}
console.log(`${CHECKS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
