import { keccak256 } from "@assay/protocol";

/** How the next token is chosen. */
export type Sampling = {
    /** 0 = the likeliest; else what scores are divided by. */
    temperature: number;
    /** Of the likeliest tokens those are chosen from that together have this probability; at least one. */
    top_p: number;
    seed: number;
};

/** Of 53 random bits, what a double holds. */
const RANDOM_BITS = 53n;

/**
 * Chooses a token of its scores: the same scores, sampling and step give the same token. Ties go to the lower number.
 */
export function chooseToken({
    scores,
    sampling: { temperature, top_p, seed },
    step,
}: {
    scores: readonly number[];
    sampling: Sampling;
    step: number;
}): number {
    const order = scores.map((_, token) => token).sort((a, b) => scoreOf(scores, b) - scoreOf(scores, a) || a - b);
    const [likeliest = 0] = order;
    if (temperature === 0) return likeliest;
    const greatest = scoreOf(scores, likeliest);
    const weights = order.map((token) => Math.exp((scoreOf(scores, token) - greatest) / temperature));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const kept = nucleus({ weights, least: top_p * total });
    const keptTotal = kept.reduce((sum, weight) => sum + weight, 0);
    let rest = randomAt({ seed, step }) * keptTotal;
    const at = kept.findIndex((weight) => {
        rest -= weight;
        return rest < 0;
    });
    return order[at < 0 ? kept.length - 1 : at] ?? likeliest;
}

/** The first weights that together reach `least`. */
function nucleus({ weights, least }: { weights: readonly number[]; least: number }): number[] {
    let sum = 0;
    const end = weights.findIndex((weight) => {
        sum += weight;
        return sum >= least;
    });
    return weights.slice(0, end < 0 ? weights.length : end + 1);
}

/** In [0, 1), by hashing: nobody has to have the generator of some language. */
function randomAt({ seed, step }: { seed: number; step: number }): number {
    const hash = BigInt(keccak256(new TextEncoder().encode(`${seed}:${step}`)));
    return Number(hash >> (256n - RANDOM_BITS)) / 2 ** Number(RANDOM_BITS);
}

function scoreOf(scores: readonly number[], token: number): number {
    return scores[token] ?? Number.NEGATIVE_INFINITY;
}
