declare global {
  /** What boot.js asked for, by address. */
  var carlAhead: Map<string, Promise<Response>> | undefined
}

/** An answer is used for the first view alone; this long after the page was called for it is old, milliseconds. */
const freshMs = 5_000

/** The answer to a call that was asked ahead, once; undefined for any other. */
export function takeAhead(url: string, method: string): Promise<Response> | undefined {
  if (method !== 'GET' || performance.now() > freshMs) return undefined
  const answer = globalThis.carlAhead?.get(url)
  globalThis.carlAhead?.delete(url)
  return answer
}
