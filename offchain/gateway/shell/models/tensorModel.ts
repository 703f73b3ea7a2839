import { answerOf, type OpenedModel } from "@assay/executor/parts";
import { FAMILIES, isTeeFamily, ProtocolError, parseConfiguration } from "@assay/protocol";
import { bodyInvalid, unsupported } from "../../core/_refusal.ts";
import type { Model } from "../../core/model.ts";
import { presentTensors } from "../../core/presentTensors.ts";
import { readTensors } from "../../core/readTensors.ts";
import { inputTensors, outputTensors } from "../../core/tensors.ts";
import type { Attesting } from "./enclaves.ts";
import type { Registered } from "./registrar.ts";
import type { Workshop } from "./workshop.ts";

/** Members that a body may have; whoever reads `verification` is not the model. */
const MEMBERS: ReadonlySet<string> = new Set(["model", "inputs", "verification"]);

type Parts = { opened: OpenedModel; registered: Registered; workshop: Workshop; attesting: Attesting };

/** A model of tensors that runs here. It is loaded once now: what cannot be run is not served. */
export async function createTensorModel({ opened, registered, workshop, attesting }: Parts): Promise<Model> {
    const { modelId, facts } = registered;
    const { name, compiledDir, spec, ranges } = opened;
    const ports = await workshop.use(opened, async ({ inputs, outputs }) => ({ inputs, outputs }));
    const inputs = inputTensors(ports.inputs);
    const outputs = outputTensors(ports.outputs);
    if (outputs === undefined) {
        throw new ProtocolError({ code: "GATEWAY_MODEL_UNSERVABLE", message: `"${name}": its outputs.` });
    }
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
            inputs: inputs.map(({ name, dtype, shape }, at) => {
                const { min, max } = ranges[at] ?? {};
                return {
                    name,
                    dtype,
                    shape: [...shape],
                    ...(min === undefined ? {} : { min: `${min}`, max: `${max}` }),
                };
            }),
            outputs: outputs.map(({ name, dtype, shape, count }) => ({
                name,
                dtype,
                shape: count === undefined ? null : [...shape],
            })),
        }),
        read: (body, { config }) => {
            const stranger = Object.keys(body).find((member) => !MEMBERS.has(member));
            if (stranger !== undefined) throw unsupported(`"${stranger.slice(0, 100)}" is no parameter of "${name}".`);
            if (body.inputs === undefined) throw bodyInvalid('"inputs" is missing.');
            const scalings = config && parseConfiguration(config).preprocessing?.inputs;
            const input = readTensors({ tensors: inputs, inputs: body.inputs, scalings });
            const effective = scalings === undefined ? {} : { preprocessing: { inputs: { ...scalings } } };
            return { input, effective, attachments: [], isStream: false, units: 1 };
        },
        run: async ({ input }) => {
            const model = { inputFault: opened.inputFault, ioSpec: spec.ioSpec };
            const run = (bytes: Uint8Array) => workshop.use(opened, (session) => session.runBytes(bytes));
            const { resultCode, output } = await answerOf({ model, input, run });
            return { resultCode, output, usage: null, upstream: null };
        },
        present: ({ output }) => ({ outputs: presentTensors({ tensors: outputs, output }) }),
        prove: (question) => {
            const { owner, derivedFrom } = facts;
            if (isTeeFamily(question.family))
                return attesting.attest({ ...question, registration: { owner, derivedFrom } });
            return workshop.prove({ model: opened, ...question });
        },
    };
}
