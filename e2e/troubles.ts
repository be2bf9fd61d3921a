import type { BrowserContext, Response } from '@playwright/test'
import { apiHeaders, securityHeaders } from '../server/http/security-headers.ts'

/** A page asks who is signed in; that nobody is, is no trouble. The console repeats what replies tell. */
const harmless = [
  // Playwright says so of itself.
  /^console warning: Service Worker registration blocked by Playwright/,
  /^GET \S+\/api\/v1\/session 401$/,
  /^console error: Failed to load resource/,
]

/** Writes down everything a browser finds wrong: errors on the console, errors nobody caught, requests that fail. */
export function watchForTroubles(context: BrowserContext) {
  const seen: string[] = []
  const allowed: RegExp[] = [...harmless]

  context.on('console', (message) => {
    // React warns where it could break.
    if (message.type() === 'error' || message.type() === 'warning') {
      seen.push(`console ${message.type()}: ${message.text()}`)
    }
  })
  context.on('weberror', (thrown) => void seen.push(`not caught: ${thrown.error().message}`))
  context.on('response', (reply: Response) => {
    if (reply.status() >= 400) seen.push(`${reply.request().method()} ${reply.url()} ${reply.status()}`)
    for (const missing of headersMissing(reply)) seen.push(`${reply.url()} came without ${missing}`)
  })
  context.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? ''
    // Whoever leaves a page lets go of what it was loading.
    if (reason !== 'net::ERR_ABORTED') seen.push(`${request.method()} ${request.url()} failed: ${reason}`)
  })

  return {
    /** Expects a trouble that belongs to the journey, as it is written down, e.g. `/session 401$/`. */
    allow: (trouble: RegExp): void => void allowed.push(trouble),
    /** What was seen and is not allowed. */
    left: (): string[] => seen.filter((trouble) => !allowed.some((pattern) => pattern.test(trouble))),
  }
}
export type Troubles = ReturnType<typeof watchForTroubles>

/** Every reply guards the browser, whatever it is: a page, a file of it, a call, a refusal, a download. */
function headersMissing(reply: Response): string[] {
  const headers = reply.headers()
  // What a proxy says by itself, while the server behind it is away, is not ours.
  if (reply.status() === 502 && headers['server']?.startsWith('nginx')) return []
  const isApi = new URL(reply.url()).pathname.includes('/api/v1/')
  const expected = { ...securityHeaders, ...(isApi && apiHeaders) }
  return Object.entries(expected).flatMap(([name, value]) => {
    const given = headers[name] ?? ''
    // The policy of the page has a nonce of its own.
    const isRight =
      name === 'content-security-policy' ? given.replace(/ 'nonce-[^']+'/, '') === value : given === value
    return isRight ? [] : [`${name}: ${value}`]
  })
}
