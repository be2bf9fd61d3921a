import type { ErrorCatalogue } from './meaning.ts'

/** What is wrong with a request before anybody looks at what it asks. */
export const requestErrors = {
  'request.malformed': {
    status: 400,
    title: 'The request is not valid JSON',
    fix: 'Send a JSON body with the header Content-Type: application/json.',
  },
  'request.invalid': {
    status: 422,
    title: 'Some fields of the request are not valid',
    fix: 'Correct the fields named under issues and send the request again.',
  },
  'request.too_large': {
    status: 413,
    title: 'The request is larger than this call accepts',
    fix: 'Send less than 1 MiB.',
  },
  'request.unsupported_media_type': {
    status: 415,
    title: 'This kind of content is not accepted',
    fix: 'Send JSON with the header Content-Type: application/json.',
  },
  'request.not_found': {
    status: 404,
    title: 'There is nothing at this address',
    fix: 'Check the path against /api/docs.',
  },
  'request.method_not_allowed': {
    status: 405,
    title: 'This address does not take this method',
    fix: 'Check the method against /api/docs.',
  },
  'request.cross_site': {
    status: 403,
    title: 'The request came from another site',
    fix: 'Open the dashboard by its own address. Behind a proxy, pass the Host header on and set TRUSTED_PROXIES.',
  },
  'request.rate_limited': {
    status: 429,
    title: 'Too many attempts in a short time',
    fix: 'Wait until the time given in Retry-After, then try again.',
  },
} as const satisfies ErrorCatalogue
