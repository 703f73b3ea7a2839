/** Checks what a grep can of circuit templates: documentation, compile-time asserts only, hints that say what binds them. */
import { globSync, readFileSync } from "node:fs";

const TEMPLATES = "circuits/lib/**/*.circom";
const PRAGMA = "pragma circom 2.2.3;";
/** Fields that every template documents; @param and @input only where it has them. */
const REQUIRED = ["@title", "@notice", "@output", "@constraints", "@soundness", "@example"];
/** A template parameter or variable: an assert on anything else would not be a constraint. */
const UPPER_CASE = /^[A-Z][A-Z0-9_]*$/;
const BINDING_COMMENT = /\/\/ bound by\b/;

/** "file: fault" or "file:line: fault" for every fault in circuits/lib. */
export function circuitFaults(): string[] {
    const files = globSync(TEMPLATES).sort();
    if (files.length === 0) return [`${TEMPLATES}: no template found`];
    return files.flatMap((file) => templateFaults({ file, text: readFileSync(file, "utf8") }));
}

/** Faults of one template file. */
export function templateFaults({ file, text }: { file: string; text: string }): string[] {
    const lines = text.split("\n");
    return [
        ...documentationFaults(text).map((fault) => `${file}: ${fault}`),
        ...lines.flatMap((line, index) => lineFaults({ lines, index, line }).map((f) => `${file}:${index + 1}: ${f}`)),
    ];
}

function documentationFaults(text: string): string[] {
    const names = [...text.matchAll(/^template\s+(\w+)/gm)].map(([, name]) => name);
    const title = /^\/\/\/ @title\s+(\w+)$/m.exec(text)?.[1];
    return [
        ...(text.includes(PRAGMA) ? [] : [`no "${PRAGMA}"`]),
        ...(names.length === 1 ? [] : [`${names.length} templates, not one`]),
        ...(names.includes(title) ? [] : [`@title is ${title}, the template ${names.join(", ")}`]),
        ...REQUIRED.filter((tag) => !text.includes(`/// ${tag} `)).map((tag) => `no ${tag}`),
        ...(/\bcomponent\s+main\b/.test(text) ? ["a component main belongs in an instance"] : []),
        ...signalInputs(text)
            .filter((name) => !new RegExp(`^/// @input\\s+${name}\\b`, "m").test(text))
            .map((name) => `input ${name} has no @input`),
        ...parameters(text)
            .filter((name) => !new RegExp(`^/// @param\\s+${name}\\b`, "m").test(text))
            .map((name) => `parameter ${name} has no @param`),
    ];
}

function lineFaults({ lines, index, line }: { lines: string[]; index: number; line: string }): string[] {
    const code = line.replace(/\/\/.*$/, "");
    const asserted = /\bassert\s*\((.*)\)/.exec(code)?.[1] ?? "";
    const names = [...asserted.matchAll(/\b[A-Za-z_]\w*\b/g)].map(([name]) => name);
    const isHint = code.includes("<--") || code.includes("-->");
    const isExplained = BINDING_COMMENT.test(line) || BINDING_COMMENT.test(lines[index - 1] ?? "");
    return [
        ...names.filter((name) => !UPPER_CASE.test(name)).map((name) => `assert on ${name}: use ===`),
        ...(isHint && !isExplained ? ["a hint without a comment naming the constraint that binds it"] : []),
    ];
}

function signalInputs(text: string): string[] {
    return [...text.matchAll(/^\s*signal input (\w+)/gm)].flatMap(([, name]) => name ?? []);
}

function parameters(text: string): string[] {
    const list = /^template\s+\w+\(([^)]*)\)/m.exec(text)?.[1] ?? "";
    return list.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]));
}
