import { type Hex, ProtocolError } from "@assay/protocol";

/** Bounds what is under way, of everybody and of one payer. */
export type Admission = {
    /** Takes a place and returns how to leave it; throws GATEWAY_BUSY when there is none, before anything was done. */
    enter: (payer: Hex | undefined) => () => void;
    underWay: () => number;
};

/** Places for so many inferences; callers who do not pay count as nobody in particular. */
export function createAdmission({ underWay, perPayer }: { underWay: number; perPayer: number }): Admission {
    let taken = 0;
    const byPayer = new Map<Hex, number>();
    return {
        enter: (payer) => {
            const own = payer === undefined ? 0 : (byPayer.get(payer) ?? 0);
            if (taken >= underWay || own >= perPayer) {
                const message = own >= perPayer ? `${own} inferences of this payer are under way.` : undefined;
                throw new ProtocolError({ code: "GATEWAY_BUSY", message });
            }
            taken += 1;
            if (payer !== undefined) byPayer.set(payer, own + 1);
            let isIn = true;
            return () => {
                if (!isIn) return;
                isIn = false;
                taken -= 1;
                if (payer === undefined) return;
                const left = (byPayer.get(payer) ?? 1) - 1;
                if (left === 0) byPayer.delete(payer);
                else byPayer.set(payer, left);
            };
        },
        underWay: () => taken,
    };
}
