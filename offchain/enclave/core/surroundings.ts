/** Environment variables that change which code runs, or whom it takes for a TLS server, without being measured. */
const DECISIVE = [
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_EXTRA_CA_CERTS",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "NODE_USE_ENV_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "LD_PRELOAD",
    "LD_LIBRARY_PATH",
] as const;

/** What decides beside the program and its settings: names of environment variables, and options of node itself. */
export function unmeasuredOf({
    env,
    execArgv,
}: {
    env: Readonly<Record<string, string | undefined>>;
    execArgv: readonly string[];
}): string[] {
    const variables = DECISIVE.filter((name) => (env[name] ?? "") !== "");
    return [...variables, ...execArgv];
}
