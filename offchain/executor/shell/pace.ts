/** How long something takes here, learnt from how long it took. */
export type Pace = { took: (ms: number) => void; seconds: () => number };

/** Weight of the newest measurement: the mean follows within a few. */
const NEWEST_WEIGHT = 0.3;

/** A pace that starts from a guess. */
export function createPace({ guessSeconds }: { guessSeconds: number }): Pace {
    let mean = guessSeconds;
    return {
        took: (ms) => {
            mean += NEWEST_WEIGHT * (ms / 1_000 - mean);
        },
        seconds: () => mean,
    };
}
