import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { constantOf, floatAttribute, intAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import type { Operator, OperatorCall } from "./operator.ts";
import { emitSources, everyIndex } from "./sources.ts";

/** Normalisation by the statistics of training: one factor and one addend for each channel. */
export const batchNormalizationOperator: Operator = {
    supported: "BatchNormalization with constant statistics, in inference",
    attributes: ["consumed_inputs", "epsilon", "is_test", "momentum", "spatial", "training_mode"],
    translate: (call) => {
        if (intAttribute({ call, name: "training_mode", fallback: 0 }) !== 0) {
            throw unsupportedForm({ call, why: "training_mode must be 0" });
        }
        const input = tensorOf({ call, index: 0 });
        const { factors, addends } = statisticsOf(call);
        // Before opset 9 statistics may be kept for every element of a sample instead of every channel
        const perSample = countOf(input.shape.slice(1));
        const isSpatial = intAttribute({ call, name: "spatial", fallback: 1 }) !== 0;
        const block = isSpatial ? countOf(input.shape.slice(2)) : 1;
        if (factors.length * block !== perSample) {
            throw unsupportedForm({ call, why: `${factors.length} statistics do not fit [${input.shape.join(", ")}]` });
        }
        const channelOf = (element: number) => Math.floor((element % perSample) / block);
        return emitSources({
            call,
            sources: [
                { operand: input, indices: everyIndex(input), factorOf: (element) => at(factors, channelOf(element)) },
            ],
            biasOf: (element) => at(addends, channelOf(element)),
            shape: input.shape,
        });
    },
};

function statisticsOf(call: OperatorCall): { factors: Float64Array; addends: Float64Array } {
    const [scale, shift, mean, variance] = [1, 2, 3, 4].map((index) => constantOf({ call, index }).values);
    const epsilon = floatAttribute({ call, name: "epsilon", fallback: 1e-5 });
    if (scale === undefined || shift === undefined || mean === undefined || variance === undefined) {
        throw unsupportedForm({ call, why: "it needs scale, B, mean and variance" });
    }
    if (new Set([scale, shift, mean, variance].map(({ length }) => length)).size !== 1) {
        throw unsupportedForm({ call, why: "its statistics differ in size" });
    }
    if (variance.some((value) => value + epsilon <= 0))
        throw unsupportedForm({ call, why: "a variance is not positive" });
    const factors = scale.map((value, channel) => value / Math.sqrt(at(variance, channel) + epsilon));
    const addends = shift.map((value, channel) => value - at(mean, channel) * at(factors, channel));
    return { factors, addends };
}
