/** What a model costs: constraints, time to compile, set up, prove and verify, gas, memory; and that it is exact. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { ROW_NAMES } from "./models.ts";

const ROW = fileURLToPath(new URL("./row.ts", import.meta.url));
/** Inputs on which onnxruntime, interpreter and circuit are compared, for each model. */
const INPUTS = 1000;

const figures = z.record(z.string(), z.union([z.number(), z.string()]));

/** Rows of the zk suite, each measured in a process of its own; a model that does not compile gives a row that says why. */
export async function* zkRows(only: string | undefined) {
    for (const name of ROW_NAMES) if (only === undefined || only === name) yield { name, ...(await rowOf(name)) };
}

async function rowOf(name: string) {
    const child = spawn(process.execPath, [ROW, name, `${INPUTS}`], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
    });
    const [code] = await once(child, "close");
    if (code !== 0) process.exitCode = 1;
    if (printed === "") throw new Error(`The process of ${name} ended with ${code} and said nothing.`);
    return figures.parse(JSON.parse(printed));
}
