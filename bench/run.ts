/** `npm run bench -- zk|gas|gateway [--only NAME] [--json]`: one JSON object per line and figure row; nothing is asserted. */
import { Command, Option } from "commander";
import { measureGas } from "./gas/rows.ts";
import { readGasVectors } from "./gas/vectors.ts";
import { gatewayRows } from "./gateway/rows.ts";
import { zkRows } from "./zk/rows.ts";

type Row = { name: string } & Record<string, unknown>;

/** Suites by name; a suite yields its rows as they are measured. */
const SUITES: Record<string, (only: string | undefined) => AsyncGenerator<Row>> = {
    async *gas(only) {
        const rows = await measureGas(readGasVectors());
        for (const [name, gas] of Object.entries(rows)) if (only === undefined || only === name) yield { name, gas };
    },
    gateway: gatewayRows,
    zk: zkRows,
};

/** A row for a person: its name, then each figure. */
function inWords({ name, ...figures }: Row): string {
    const parts = Object.entries(figures).map(([key, value]) => `${key} ${value}`);
    return `${name.padEnd(20)} ${parts.join("  ")}`;
}

const command = new Command("bench")
    .argument("<suite>", `one of ${Object.keys(SUITES).join(", ")}`)
    .addOption(new Option("--only <name>", "measure this row only"))
    .addOption(new Option("--json", "print one JSON object per line"))
    .parse();
const { only, json } = command.opts<{ only?: string; json?: boolean }>();
const suite = SUITES[command.args[0] ?? ""];
if (suite === undefined) command.error(`Unknown suite; one of ${Object.keys(SUITES).join(", ")}.`, { exitCode: 2 });
else for await (const row of suite(only)) console.log(json === true ? JSON.stringify(row) : inWords(row));
