import { at } from "../../integer/at.ts";
import type { GadgetDefinition } from "./definition.ts";
import { onlyInput } from "./definition.ts";

/** Makes bind part of the constraint system. */
export type BindStatement = { template: "BindStatement" };

/** lib/binding/bind-statement.circom */
export const bindStatement: GadgetDefinition<BindStatement> = {
    file: "lib/binding/bind-statement.circom",
    parameters: () => [],
    constraints: () => 1,
    expand: ({ system, inputs }) => {
        const bind = onlyInput({ inputs });
        system.assign({ target: at(system.signals({ name: "square" }), 0), left: bind, right: bind });
    },
};
