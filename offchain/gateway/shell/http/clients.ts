import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

const MINUTE_SECONDS = 60;
/** Groups of an IPv6 address that a provider gives to one customer: /64. */
const CUSTOMER_GROUPS = 4;
const GROUPS = 8;
const MAPPED_IPV4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** Whether a client's next request is served. */
export type Admission = { status: "welcome" } | { status: "refused"; retrySeconds: number };

/** Counts the requests of each client per minute; a rate of 0 refuses nobody. */
export function createClientLimit({ ratePerMinute }: { ratePerMinute: number }) {
    const limiter = new RateLimiterMemory({ points: ratePerMinute, duration: MINUTE_SECONDS });
    return async (client: string): Promise<Admission> => {
        if (ratePerMinute === 0) return { status: "welcome" };
        try {
            await limiter.consume(client);
            return { status: "welcome" };
        } catch (refusal) {
            if (!(refusal instanceof RateLimiterRes)) throw refusal;
            return { status: "refused", retrySeconds: Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000)) };
        }
    };
}

/** Who counts as one client: an IPv4 address, or a /64 of IPv6, which one customer has as a whole. */
export function clientOf(address: string): string {
    const mapped = MAPPED_IPV4.exec(address)?.[1];
    if (mapped !== undefined) return mapped;
    if (!address.includes(":")) return address;
    const [plain = ""] = address.split("%");
    const [head = "", tail] = plain.split("::");
    const left = head === "" ? [] : head.split(":");
    const right = tail === undefined || tail === "" ? [] : tail.split(":");
    const zeros = tail === undefined ? 0 : GROUPS - left.length - right.length;
    const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill("0"), ...right];
    return groups
        .slice(0, CUSTOMER_GROUPS)
        .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""))
        .join(":");
}

/** The client that the proxy in front names: what stands last, since everything before it the client may have written. */
export function forwardedClient(header: string | undefined): string | undefined {
    return header?.split(",").at(-1)?.trim() || undefined;
}
