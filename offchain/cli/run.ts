import { plainText } from "@assay/protocol";
import { Command, CommanderError } from "commander";
import { failureOf, failureText } from "./_failure.ts";
import { UsageError, usageOf } from "./_usage.ts";
import { type Outcome, toJson } from "./io/outcome.ts";
import type { Shell } from "./io/shell.ts";
import manifest from "./package.json" with { type: "json" };
import { VERBS } from "./verbs.ts";

const AFTER_HELP = `
Results go to stdout, progress and faults to stderr.
Exit codes: 0 yes, done; 1 no: refused, invalid, failed; 2 wrong usage.

Environment:
  ASSAY_RPC_URL      node, when --rpc is not given
  ASSAY_HOME         keys, journals, receipts (default: .assay in your home)
  ASSAY_KEY          private key to act with, when no --account is given
  ASSAY_SIGNING_KEY  private key an executor signs statements with
  ASSAY_PASSWORD     password of keystore keys`;

/** 0 yes, done · 1 no: refused, invalid, failed · 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

/**
 * Runs one command line; results go to stdout, progress and faults to stderr.
 * @example
 * const exitCode = await run({ argv: ["key", "list", "--json"], shell: processShell() });
 */
export async function run({ argv, shell }: { argv: readonly string[]; shell: Shell }): Promise<ExitCode> {
    const wantsJson = argv.includes("--json");
    try {
        const outcome = await parse({ argv, shell });
        if (outcome === undefined) return 0;
        shell.stdout(`${wantsJson ? toJson(outcome.value) : plainText(outcome.text)}\n`);
        return outcome.ok ? 0 : 1;
    } catch (fault) {
        const isUsage = fault instanceof UsageError;
        const failure = isUsage ? { code: "WRONG_USAGE", message: fault.message, fix: fault.hint } : failureOf(fault);
        if (wantsJson) shell.stdout(`${toJson({ error: failure })}\n`);
        shell.stderr(plainText(failureText({ failure, fault, verbose: argv.includes("--verbose") })));
        return isUsage ? 2 : 1;
    }
}

/** Parses argv and runs the verb it names; undefined = help or the version was printed instead. */
async function parse({ argv, shell }: { argv: readonly string[]; shell: Shell }): Promise<Outcome | undefined> {
    const outcomes: Outcome[] = [];
    const program = createProgram({ shell, settle: (outcome) => outcomes.push(outcome) });
    try {
        await program.parseAsync([...argv], { from: "user" });
    } catch (fault) {
        if (!(fault instanceof CommanderError)) throw fault; // help or the version was printed
    }
    return outcomes[0];
}

function createProgram(deps: { shell: Shell; settle: (outcome: Outcome) => void }): Command {
    const program = new Command("assay")
        .description("Verifiable AI inference for EVM chains.")
        .version(manifest.version)
        .addHelpText("after", AFTER_HELP)
        .exitOverride((fault) => {
            throw usageOf({ verb: "assay", fault });
        })
        .configureOutput({
            writeOut: (text) => deps.shell.stdout(text),
            writeErr: (text) => deps.shell.stderr(text),
            outputError: () => undefined, // `run` prints every fault, in one form
        });
    for (const attach of VERBS) attach(program, deps);
    return program;
}
