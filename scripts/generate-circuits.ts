/**
 * Compiles the models of circuits/circuits.json, writes their sources to circuits/generated and what is known of each
 * into the table. Run after a model or the compiler changed; `--check` writes nothing and fails when a file is stale.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileModel, describeInstance, loadModel } from "@assay/compiler";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TABLE = "circuits/circuits.json";
const CACHE = ".cache/models";

/** What a person writes of an instance; the rest of a row is generated. */
const rows = z.array(
    z.object({ name: z.string(), model: z.string(), calibration: z.string(), constraintBudget: z.number().int() }),
);
const calibrationFile = z.object({ input_data: z.array(z.array(z.number())) });

type Row = z.output<typeof rows>[number];

/** The generated files of one row, and the row itself. */
async function instanceOf({ name, model, calibration, constraintBudget }: Row) {
    const outDir = await mkdtemp(join(tmpdir(), "assay-circuits-"));
    try {
        const { input_data } = calibrationFile.parse(JSON.parse(await readFile(join(ROOT, calibration), "utf8")));
        const onnx = new Uint8Array(await readFile(join(ROOT, model)));
        const cacheDir = join(ROOT, CACHE);
        await compileModel({
            onnx,
            name,
            outDir,
            calibration: input_data,
            cacheDir,
            onProgress: (line) => console.error(`${name}: ${line}`),
        });
        const { source, ...facts } = describeInstance(await loadModel(outDir));
        const file = `circuits/generated/${name}.circom`;
        return { file, source, row: { name, model, calibration, file, constraintBudget, ...facts } };
    } finally {
        await rm(outDir, { recursive: true, force: true });
    }
}

/** A text without the white space that a formatter may change in JSON. */
function content(text: string): string {
    return text.replaceAll(/\s+/g, "");
}

const checkOnly = process.argv.includes("--check");
const table = join(ROOT, TABLE);
const instances = [];
for (const row of rows.parse(JSON.parse(await readFile(table, "utf8")))) instances.push(await instanceOf(row));

const overBudget = instances.filter(({ row }) => row.constraints.model > row.constraintBudget);
for (const { row } of overBudget) {
    console.log(
        `${row.name} has ${row.constraints.model} constraints, more than its budget of ${row.constraintBudget}`,
    );
}
const files = new Map(instances.map(({ file, source }) => [file, source]));
files.set(
    TABLE,
    `${JSON.stringify(
        instances.map(({ row }) => row),
        undefined,
        2,
    )}\n`,
);
const stale = [];
for (const [file, text] of files) {
    const current = await readFile(join(ROOT, file), "utf8").catch(() => undefined);
    if (current === undefined || content(current) !== content(text)) stale.push({ file, text });
}
for (const { file, text } of stale) {
    console.log(checkOnly ? `${file} is not what the compiler writes` : `wrote ${file}`);
    if (!checkOnly) await writeFile(join(ROOT, file), text);
}
if (overBudget.length > 0 || (checkOnly && stale.length > 0)) {
    console.log("Run: node scripts/generate-circuits.ts");
    process.exitCode = 1;
}
