/** Faults that `npm test` and `npm run nightly` have already, and where. */
export const tested: readonly { readonly what: string; readonly files: readonly string[] }[] = []
