import { plainText } from "@assay/protocol";
import { type Command, Option } from "commander";
import type { z } from "zod";
import { usageOf, wrongUsage } from "./_usage.ts";
import type { Outcome } from "./io/outcome.ts";
import type { Shell } from "./io/shell.ts";

/** One option of a verb; `repeat` collects every occurrence into a list. */
export type OptionSpec = { flags: string; about: string; repeat?: true };

/** What a verb may use while it runs. */
export type Io = { shell: Shell; progress: (line: string) => void };

/** A verb declared: its words on the command line, the schema they are parsed with, and what it does. */
export type VerbSpec<S extends z.ZodType> = {
    name: string;
    about: string;
    args?: readonly { term: string; about: string }[];
    options?: readonly OptionSpec[];
    input: S;
    run: (io: Io, input: z.output<S>) => Promise<Outcome>;
};

/** Adds a verb, or a group of verbs, to a command; `settle` takes what it ends with. */
export type Attach = (parent: Command, deps: { shell: Shell; settle: (outcome: Outcome) => void }) => void;

/** Makes one verb: argv is parsed once, by its schema, and nothing else of the command line reaches `run`. */
export function defineVerb<S extends z.ZodType>(spec: VerbSpec<S>): Attach {
    return (parent, { shell, settle }) => {
        const command = withUsageOf(parent.command(spec.name).description(spec.about));
        for (const arg of spec.args ?? []) command.argument(arg.term, arg.about);
        for (const option of spec.options ?? []) command.addOption(optionOf(option));
        command.option("--json", "print the result as JSON").option("--verbose", "print stack traces of faults");
        command.action(async () => {
            const parsed = spec.input.safeParse({ ...positionals(command), ...command.opts() });
            if (!parsed.success) throw wrongUsage({ verb: pathOf(command), issues: parsed.error.issues });
            const progress = (line: string) => shell.stderr(`${plainText(line)}\n`);
            settle(await spec.run({ shell, progress }, parsed.data));
        });
    };
}

/** Makes a group, such as `receipt show|verify`. */
export function defineGroup({ name, about, verbs }: { name: string; about: string; verbs: readonly Attach[] }): Attach {
    return (parent, deps) => {
        const group = withUsageOf(parent.command(name).description(about));
        for (const attach of verbs) attach(group, deps);
    };
}

/** A command whose parsing faults point to its own help. */
function withUsageOf(command: Command): Command {
    return command.exitOverride((fault) => {
        throw usageOf({ verb: pathOf(command), fault });
    });
}

function optionOf({ flags, about, repeat }: OptionSpec): Option {
    const option = new Option(flags, about);
    if (repeat) option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
    return option;
}

function positionals(command: Command): Record<string, unknown> {
    return Object.fromEntries(command.registeredArguments.map((arg, at) => [arg.name(), command.processedArgs[at]]));
}

function pathOf(command: Command): string {
    return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
