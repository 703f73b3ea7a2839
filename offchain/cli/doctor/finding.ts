/** What one check found. `warn` is worth knowing, `fail` keeps something from working. */
export type Finding = { name: string; status: "ok" | "warn" | "fail"; detail: string; fix?: string };

/** Everything is as it must be. */
export function ok(name: string, detail: string): Finding {
    return { name, status: "ok", detail };
}

/** Works, but somebody should know. */
export function warn(name: string, { detail, fix }: { detail: string; fix: string }): Finding {
    return { name, status: "warn", detail, fix };
}

/** Does not work; `fix` is the way out. */
export function fail(name: string, { detail, fix }: { detail: string; fix: string }): Finding {
    return { name, status: "fail", detail, fix };
}
