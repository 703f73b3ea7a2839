#!/usr/bin/env node
// Launcher: runs on any Node that npm still supports, and hands over to Node 24, which runs the TypeScript natively.
// Plain JavaScript on purpose: an older Node cannot even parse the rest of the command.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const REQUIRED_MAJOR = 24;
const entry = new URL("./assay.ts", import.meta.url);
/** The same command for a process that ends when its launcher does. */
const heldEntry = fileURLToPath(new URL("./held.ts", import.meta.url));

if (Number(process.versions.node.split(".")[0]) >= REQUIRED_MAJOR) {
    await import(entry.href);
} else {
    const node = bundledNode();
    if (node === undefined) {
        console.error(`NODE_TOO_OLD: this is Node ${process.versions.node}; assay runs on Node ${REQUIRED_MAJOR}.`);
        console.error("  fix: npx -y -p node@24 npm ci   (installs Node 24 beside the other packages)");
        process.exit(1);
    }
    handOver(node);
}

/** The Node that the npm package `node` brought, or undefined. */
function bundledNode() {
    try {
        const manifest = createRequire(import.meta.url).resolve("node/package.json");
        const binary = path.join(path.dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
        return existsSync(binary) ? binary : undefined;
    } catch {
        return undefined;
    }
}

/** Runs the command under another Node and ends as it ends; the channel tells it when this process was killed. */
function handOver(node) {
    const stdio = ["inherit", "inherit", "inherit", "ipc"];
    const child = spawn(node, [heldEntry, ...process.argv.slice(2)], { stdio });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.on("error", (fault) => {
        console.error(`NODE_TOO_OLD: ${node} does not start: ${fault.message}`);
        process.exit(1);
    });
    child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)));
}
