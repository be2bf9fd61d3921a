const policyWith = (styles: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${styles}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "require-trusted-types-for 'script'",
  ].join('; ')

/** The dashboard adds style elements while it runs: those with the nonce of its own reply count, and no others. */
export const policyOfPage = (nonce: string): string => policyWith(`'self' 'nonce-${nonce}'`)

/** What every reply carries, errors included: nothing from elsewhere runs, nobody frames us, nothing is guessed. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': policyWith("'self'"),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()',
  'x-frame-options': 'DENY',
}

/** Only over HTTPS: a browser that once saw it will not come back by HTTP for a year. */
export const httpsOnlyHeaders: Readonly<Record<string, string>> = {
  'strict-transport-security': 'max-age=31536000',
}

/** Replies of the API are for this caller and this moment. Pages and their assets say otherwise themselves. */
export const apiHeaders: Readonly<Record<string, string>> = { 'cache-control': 'no-store' }
