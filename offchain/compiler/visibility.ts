import { randomBytes } from "node:crypto";
import { type IoSpec, ProtocolError, SALT_BYTES, saltFrom } from "@assay/protocol";
import { lower } from "./circuit/lower.ts";
import { type Analysis, analyse } from "./integer/analyse.ts";
import type { IntegerGraph } from "./integer/types.ts";
import type { Options } from "./options.ts";
import { ioSpecOf } from "./quantise/ioSpec.ts";
import type { Candidate } from "./quantise/search.ts";

/**
 * The same model with the sides and parameters committed that are to stay private, and the circuit of it. Parameters get
 * a fresh salt. Throws MODEL_PARAMETERS_PUBLIC when they cannot be committed.
 */
export function withVisibility({ candidate, options }: { candidate: Candidate; options: Options }): Candidate {
    const { inputVisibility, outputVisibility, parameters } = options;
    const isOpen = parameters === "constants";
    if (inputVisibility === "public" && outputVisibility === "public" && isOpen) return candidate;
    const analysis = isOpen ? candidate.analysis : analyseHidden(candidate.analysis.graph);
    const ioSpec = committedAs({
        ioSpec: ioSpecOf({ analysis, formats: candidate.precision.formats }),
        like: {
            input: { committed: inputVisibility === "committed" },
            output: { committed: outputVisibility === "committed" },
        },
    });
    return { ...candidate, analysis, ioSpec, plan: lower({ analysis, ioSpec }) };
}

/** The analysis of a graph whose parameters may be anything within their ranges. */
function analyseHidden(graph: IntegerGraph): Analysis {
    try {
        return analyse({ ...graph, parametersSalt: BigInt(saltFrom(randomBytes(SALT_BYTES))) });
    } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        const message = `Some operator needs to know more of the parameters than their ranges: ${cause.message}.`;
        throw new ProtocolError({ code: "MODEL_PARAMETERS_PUBLIC", message, cause });
    }
}

type Modes = { input: { committed: boolean }; output: { committed: boolean } };

/** An ioSpec with the modes of another one. */
export function committedAs({ ioSpec: { input, output }, like }: { ioSpec: IoSpec; like: Modes }): IoSpec {
    return {
        input: { ...input, committed: like.input.committed },
        output: { ...output, committed: like.output.committed },
    };
}
