/** How long a certificate is good. */
export interface Validity {
    /** Unix seconds, inclusive. */
    notBefore: number;
    notAfter: number;
}

/** A chain's block time may lag behind the clock of who asks for a document. */
const LAG_SECONDS = 60;

/**
 * Validity of the certificate in use at a time, when one of this lifetime is renewed each half of it. Documents made within
 * a half thus share their certificates, as on real machines, and at least half of a lifetime is always left.
 */
export function validityAt({ at, lifetimeSeconds }: { at: number; lifetimeSeconds: number }): Validity {
    const half = lifetimeSeconds / 2;
    const start = Math.floor(at / half) * half;
    return { notBefore: start - LAG_SECONDS, notAfter: start + lifetimeSeconds };
}
