import { OPERATORS } from "../../offchain/compiler/graph/operators/table.ts";

const HEAD = `# Operators

Generated from the compiler's operator table; do not edit. Opset 7 to 21, static shapes, a batch of 1. Every other form is
refused with an error that names the node. Rounding to scales is listed in the manifest under \`quantisation\`, everything
else that is not exact under \`approximations\`.

| operator | supported form |
|---|---|
`;

/** docs/operators.md: one row for each ONNX operator. */
export function operatorsMarkdown(): string {
    const rows = [...OPERATORS].map(([name, { supported }]) => `| ${name.replace(":", " ")} | ${supported} |`);
    return `${HEAD}${rows.sort().join("\n")}\n`;
}
