import { ProtocolError } from "@assay/protocol";

/** A bounded number of works at the same time; who finds no place is told at once, so that nothing piles up in memory. */
export type Places = {
    /** Takes a place until the returned function is called; throws GATEWAY_BUSY when there is none. */
    take: () => () => void;
    taken: () => number;
    /** Settles when nobody is inside any more. */
    empty: () => Promise<void>;
};

/** Places for `capacity` works. */
export function createPlaces({ capacity }: { capacity: number }): Places {
    let taken = 0;
    let whenEmpty = Promise.withResolvers<void>();
    whenEmpty.resolve();
    return {
        take: () => {
            if (taken >= capacity) throw new ProtocolError({ code: "GATEWAY_BUSY" });
            if (taken === 0) whenEmpty = Promise.withResolvers<void>();
            taken += 1;
            let isHeld = true;
            return () => {
                if (!isHeld) return;
                isHeld = false;
                taken -= 1;
                if (taken === 0) whenEmpty.resolve();
            };
        },
        taken: () => taken,
        empty: () => whenEmpty.promise,
    };
}
