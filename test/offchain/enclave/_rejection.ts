/** What a promise is rejected with; throws when it is not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
        () => {
            throw new Error("It was not rejected.");
        },
        (error: unknown) => error,
    );
}
