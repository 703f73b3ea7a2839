/**
 * The templates of circuits/lib that a circuit may call. A new one: its type and definition in gadgets/NAME.ts (the
 * constraint count of its @constraints line, and in `expand` the template's own signals, constraints and hints), a line
 * in each of the three lists below, and a line in test/circuits/gadgets.test.ts, which proves that circom makes the same
 * constraint system of the template.
 */
import { type ArgMax, argMax } from "./gadgets/argMax.ts";
import { type BindStatement, bindStatement } from "./gadgets/bindStatement.ts";
import { type BindWords, bindWords } from "./gadgets/bindWords.ts";
import { type Bits, bits } from "./gadgets/bits.ts";
import { type CommitWords, commitWords } from "./gadgets/commitWords.ts";
import type { Expansion, GadgetDefinition, Parameter } from "./gadgets/definition.ts";
import { type Divide, divide } from "./gadgets/divide.ts";
import { type FloatRange, floatRange } from "./gadgets/floatRange.ts";
import { type FloatThermometer, floatThermometer } from "./gadgets/floatThermometer.ts";
import { type IsZero, isZero } from "./gadgets/isZero.ts";
import { type Matches, matches } from "./gadgets/matches.ts";
import { type PackSignedWord, type PackWord, packSignedWord, packWord } from "./gadgets/packWord.ts";
import { type Poseidon16, poseidon16 } from "./gadgets/poseidon16.ts";
import { type RangeCheckBound, rangeCheckBound } from "./gadgets/rangeCheckBound.ts";
import { type Relu, relu } from "./gadgets/relu.ts";
import { type ReluRescale, reluRescale } from "./gadgets/reluRescale.ts";
import { type Rescale, rescale } from "./gadgets/rescale.ts";
import { type SquareRoot, squareRoot } from "./gadgets/squareRoot.ts";
import { type Thermometer, thermometer } from "./gadgets/thermometer.ts";

/** A template of circuits/lib with its parameters. */
export type Gadget =
    | ArgMax
    | BindStatement
    | BindWords
    | Bits
    | CommitWords
    | Divide
    | FloatRange
    | FloatThermometer
    | IsZero
    | Matches
    | PackSignedWord
    | PackWord
    | Poseidon16
    | RangeCheckBound
    | Relu
    | ReluRescale
    | Rescale
    | SquareRoot
    | Thermometer;

/** A template of circuits/lib that an instance may call. */
export type TemplateName = Gadget["template"];

/** Where each template lives below circuits/. */
export const TEMPLATE_FILES: Readonly<Record<TemplateName, string>> = {
    ArgMax: argMax.file,
    BindStatement: bindStatement.file,
    BindWords: bindWords.file,
    Bits: bits.file,
    CommitWords: commitWords.file,
    Divide: divide.file,
    FloatRange: floatRange.file,
    FloatThermometer: floatThermometer.file,
    IsZero: isZero.file,
    Matches: matches.file,
    PackSignedWord: packSignedWord.file,
    PackWord: packWord.file,
    Poseidon16: poseidon16.file,
    RangeCheckBound: rangeCheckBound.file,
    Relu: relu.file,
    ReluRescale: reluRescale.file,
    Rescale: rescale.file,
    SquareRoot: squareRoot.file,
    Thermometer: thermometer.file,
};

/** A definition with its parameters given. */
export type BoundGadget = {
    parameters: () => Parameter[];
    constraints: () => number;
    expand: (wiring: Omit<Expansion<Gadget>, "gadget">) => void;
};

/** Everything that is known of one instance. */
export function describeGadget(gadget: Gadget): BoundGadget {
    switch (gadget.template) {
        case "ArgMax":
            return bind({ gadget, definition: argMax });
        case "BindStatement":
            return bind({ gadget, definition: bindStatement });
        case "BindWords":
            return bind({ gadget, definition: bindWords });
        case "Bits":
            return bind({ gadget, definition: bits });
        case "CommitWords":
            return bind({ gadget, definition: commitWords });
        case "Divide":
            return bind({ gadget, definition: divide });
        case "FloatRange":
            return bind({ gadget, definition: floatRange });
        case "FloatThermometer":
            return bind({ gadget, definition: floatThermometer });
        case "IsZero":
            return bind({ gadget, definition: isZero });
        case "Matches":
            return bind({ gadget, definition: matches });
        case "PackSignedWord":
            return bind({ gadget, definition: packSignedWord });
        case "PackWord":
            return bind({ gadget, definition: packWord });
        case "Poseidon16":
            return bind({ gadget, definition: poseidon16 });
        case "RangeCheckBound":
            return bind({ gadget, definition: rangeCheckBound });
        case "Relu":
            return bind({ gadget, definition: relu });
        case "ReluRescale":
            return bind({ gadget, definition: reluRescale });
        case "Rescale":
            return bind({ gadget, definition: rescale });
        case "SquareRoot":
            return bind({ gadget, definition: squareRoot });
        case "Thermometer":
            return bind({ gadget, definition: thermometer });
    }
}

/** The template with its parameters, as circom writes it. */
export function callOf(gadget: Gadget): string {
    const texts = describeGadget(gadget)
        .parameters()
        .map((value) => (typeof value === "object" ? `[${value.join(", ")}]` : `${value}`));
    return `${gadget.template}(${texts.join(", ")})`;
}

/** Constraints of one instance: the @constraints line of its template. */
export function gadgetConstraints(gadget: Gadget): number {
    return describeGadget(gadget).constraints();
}

function bind<G extends Gadget>({ gadget, definition }: { gadget: G; definition: GadgetDefinition<G> }): BoundGadget {
    return {
        parameters: () => definition.parameters(gadget),
        constraints: () => definition.constraints(gadget),
        expand: (wiring) => definition.expand({ ...wiring, gadget }),
    };
}
