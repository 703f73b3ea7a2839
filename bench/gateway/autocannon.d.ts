/** What is used here of autocannon, which brings no types. */
declare module "autocannon" {
    type Options = {
        url: string;
        headers?: Record<string, string>;
        requests?: readonly { method: "GET" | "POST"; body?: string }[];
        connections?: number;
        /** Whether "[<id>]" in a body is another text each time. */
        idReplacement?: boolean;
        /** Threads of the load itself. */
        workers?: number;
        /** Seconds. */
        duration?: number;
    };
    type Result = {
        /** Seconds. */
        duration: number;
        errors: number;
        requests: { total: number };
        statusCodeStats: Record<string, { count: number }>;
    };
    export default function autocannon(options: Options): Promise<Result>;
}
