// The command as a child of the launcher on an older Node: however the launcher ends, the command ends, too.
/** So long a command may take to stop tidily. */
const GRACE_MS = 30_000;

process.once("disconnect", end);
// Watched, but no reason to stay alive.
process.channel?.unref();
if (process.connected === false) end();

await import("./assay.ts");

function end(): void {
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.kill(process.pid, "SIGKILL"), GRACE_MS).unref();
}

export {};
