import { answerOf, type OpenedModel } from "@assay/executor/parts";
import {
    decodeIoSpec,
    FAMILIES,
    hasCommittedSide,
    isTeeFamily,
    type JsonObject,
    ProtocolError,
    parseConfiguration,
    schemaHashOf,
} from "@assay/protocol";
import { bodyInvalid, unsupported } from "../../core/_refusal.ts";
import type { Model, Reading } from "../../core/model.ts";
import { presentTensors } from "../../core/presentTensors.ts";
import { readTensors } from "../../core/readTensors.ts";
import { inputTensors, type OutputTensor, outputTensors, type Tensor } from "../../core/tensors.ts";
import type { Attesting } from "./enclaves.ts";
import { type Encodings, readEncodings } from "./encodings.ts";
import type { Registered } from "./registrar.ts";
import type { Workshop } from "./workshop.ts";

/** Members that a body may have; whoever reads `verification` is not the model. */
const MEMBERS: ReadonlySet<string> = new Set(["model", "inputs", "verification"]);

type Parts = { opened: OpenedModel; registered: Registered; workshop: Workshop; attesting: Attesting };
type Shapes = { inputs: readonly Tensor[]; outputs: readonly OutputTensor[] };

/**
 * A model of tensors that runs here. It is loaded once now: what cannot be run is not served. Throws
 * GATEWAY_MODEL_UNSERVABLE.
 */
export async function createTensorModel({ opened, registered, workshop, attesting }: Parts): Promise<Model> {
    const { modelId, facts } = registered;
    const { name, compiledDir, spec } = opened;
    const shapes = await shapesOf({ opened, workshop });
    const encodings = await readEncodings(compiledDir);
    const proofs = compiledDir === undefined ? [] : [FAMILIES.ZK_GROTH16];
    return {
        modelId,
        name,
        route: "infer",
        facts,
        claimClass: "COMPUTE",
        get families() {
            return [FAMILIES.SIGNED, ...attesting.familiesOf(modelId), ...proofs];
        },
        describe: () => ({
            ...described({ shapes, opened, encodings }),
            // Whoever knows the version's schemaHash holds this against it; null: it was registered with another one.
            schema: schemaHashOf(opened.schema) === facts.schemaHash ? opened.schema : null,
        }),
        read: (body, { config }) => read({ body, config, shapes, opened }),
        run: async ({ input }) => {
            const model = { inputFault: opened.inputFault, ioSpec: spec.ioSpec };
            const run = (bytes: Uint8Array) => workshop.use(opened, (session) => session.runBytes(bytes));
            const { resultCode, output } = await answerOf({ model, input, run });
            return { resultCode, output, usage: null, upstream: null };
        },
        present: ({ output }) => ({ outputs: presentTensors({ tensors: shapes.outputs, output }) }),
        prove: (question) => {
            const { owner, derivedFrom } = facts;
            return isTeeFamily(question.family)
                ? attesting.attest({ ...question, registration: { owner, derivedFrom } })
                : workshop.prove({ model: opened, ...question });
        },
    };
}

async function shapesOf({ opened, workshop }: Pick<Parts, "opened" | "workshop">): Promise<Shapes> {
    const { name, spec } = opened;
    const ports = await workshop.use(opened, async ({ inputs, outputs }) => ({ inputs, outputs }));
    const outputs = outputTensors(ports.outputs);
    if (outputs === undefined) throw unservable(`"${name}" has several outputs whose sizes depend on the input.`);
    // Whoever answers over HTTP sees input and output: a commitment would hide them from nobody.
    if (spec.ioSpec !== 0n && hasCommittedSide(decodeIoSpec(spec.ioSpec)))
        throw unservable(`"${name}" has a private side.`);
    return { inputs: inputTensors(ports.inputs), outputs };
}

function described({
    shapes: { inputs, outputs },
    opened: { ranges },
    encodings,
}: {
    shapes: Shapes;
    opened: OpenedModel;
    encodings: Encodings;
}): JsonObject {
    return {
        inputs: inputs.map(({ name, dtype, shape }, at) => {
            const { min, max } = ranges[at] ?? {};
            const range: JsonObject = min === undefined ? {} : { min: `${min}`, max: `${max}` };
            return { name, dtype, shape: [...shape], ...range, ...encodings.inputs[at] };
        }),
        outputs: outputs.map(({ name, dtype, shape, count }, at) => {
            return { name, dtype, shape: count === undefined ? null : [...shape], ...encodings.outputs[at] };
        }),
    };
}

function read({
    body,
    config,
    shapes,
    opened: { name, ranges, inputFault },
}: {
    body: JsonObject;
    config: JsonObject | undefined;
    shapes: Shapes;
    opened: OpenedModel;
}): Reading {
    const stranger = Object.keys(body).find((member) => !MEMBERS.has(member));
    if (stranger !== undefined)
        throw unsupported(`"${stranger.slice(0, 100)}" is no parameter of "${name}".`, stranger);
    if (body.inputs === undefined) throw bodyInvalid('"inputs" is missing.', "inputs");
    const scalings = config && parseConfiguration(config).preprocessing?.inputs;
    const input = readTensors({ tensors: shapes.inputs, inputs: body.inputs, scalings });
    // Known before anybody pays: outside its ranges no circuit of the model has a proof.
    if (ranges.length > 0 && inputFault(input) !== undefined) {
        throw bodyInvalid(`An element lies outside the range that "${name}" declares; see GET /v1/models.`, "inputs");
    }
    const effective = scalings === undefined ? {} : { preprocessing: { inputs: { ...scalings } } };
    return { input, effective, attachments: [], isStream: false, units: 1 };
}

function unservable(message: string): ProtocolError {
    return new ProtocolError({ code: "GATEWAY_MODEL_UNSERVABLE", message });
}
