import { ProtocolError } from "@assay/protocol";
import { duplicate, quote } from "./_faults.ts";
import { describeNode, type OnnxModel } from "./model.ts";

/**
 * Checks that every value is defined once, before it is read. ONNX demands topological order, so a cycle shows as a
 * use before the definition. Runtimes disagree about files that break these rules; we refuse them.
 */
export function checkNames(model: OnnxModel): void {
    const defined = new Set(model.initializers.keys());
    const later = new Set(model.nodes.flatMap(({ outputs }) => outputs));
    const define = ({ name, where }: { name: string; where: string }) => {
        if (name === "" || defined.has(name)) throw duplicate({ name, where });
        defined.add(name);
    };
    const read = ({ name, where }: { name: string; where: string }) => {
        if (!defined.has(name)) throw undefinedName({ name, where, later: later.has(name) });
    };

    for (const { name } of model.inputs) define({ name, where: "the graph inputs" });
    for (const [index, node] of model.nodes.entries()) {
        const where = describeNode({ node, index });
        for (const name of node.inputs) if (name !== "") read({ name, where });
        for (const name of node.outputs) if (name !== "") define({ name, where });
    }
    const outputs = new Set<string>();
    for (const { name } of model.outputs) {
        const where = "the graph outputs";
        read({ name, where });
        if (outputs.has(name)) throw duplicate({ name, where });
        outputs.add(name);
    }
}

function undefinedName({ name, where, later }: { name: string; where: string; later: boolean }): ProtocolError {
    const code = later ? "ONNX_USE_BEFORE_DEFINITION" : "ONNX_UNDEFINED_NAME";
    const fault = later ? "before it is computed" : "which nothing in the model defines";
    return new ProtocolError({ code, message: `The value ${quote(name)} is read by ${where}, ${fault}.` });
}
