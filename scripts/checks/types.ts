/** Type errors of our own files. */
import { spawnSync } from "node:child_process";

/**
 * Every diagnostic of the type checker but those in generated contract types: TypeChain writes namespaces of types,
 * which `erasableSyntaxOnly` refuses although Node never loads them.
 */
export function typeErrors(): string[] {
    const { status, stdout, stderr } = spawnSync("tsc", ["--noEmit", "--pretty", "false", "-p", "."], {
        encoding: "utf8",
    });
    const lines = `${stdout}${stderr}`.split("\n").filter((line) => line.trim() !== "");
    const own = lines.filter((line) => !line.startsWith("types/typechain/"));
    return status !== 0 && lines.length === 0 ? ["tsc failed without a word"] : own;
}
