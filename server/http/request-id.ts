import { randomBytes } from 'node:crypto'

/** Names one request in replies and log lines. Always our own: a caller's could lead astray whoever reads the log. */
export const newRequestId = (): string => `req_${randomBytes(10).toString('base64url')}`
