/** Waits this many milliseconds, or until the signal; never fails. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    await new Promise<void>((resolve) => {
        const timer = setTimeout(ended, milliseconds);
        function ended(): void {
            clearTimeout(timer);
            signal?.removeEventListener("abort", ended);
            resolve();
        }
        signal?.addEventListener("abort", ended, { once: true });
    });
}
