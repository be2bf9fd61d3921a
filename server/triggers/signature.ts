import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** How far the clock of the sender may be off, seconds; the value that Standard Webhooks names. */
const toleranceS = 300

interface SignedCall {
  readonly body: Buffer
  readonly now: Date
  /** `whsec_…`, as it was shown. */
  readonly key: string
  header(name: string): string | null
}

/**
 * Checks the signature of a call over the bytes that came, in a time that does not depend on where it differs. Takes
 * Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`) and what GitHub, Gitea and Forgejo send
 * (`X-Hub-Signature-256`). Returns what a repetition of the same call is known by; null when it is not signed right.
 */
export function checkSignature(call: SignedCall): string | null {
  const signature = call.header('webhook-signature')
  return signature === null ? checkHub(call) : checkStandard(call, signature)
}

function checkStandard({ body, now, key, header }: SignedCall, signatures: string): string | null {
  const id = header('webhook-id')
  const timestamp = header('webhook-timestamp')
  if (id === null || timestamp === null || !/^\d{1,12}$/.test(timestamp)) return null
  if (id.length > 200 || signatures.length > 2_000) return null
  if (Math.abs(now.getTime() / 1_000 - Number(timestamp)) > toleranceS) return null
  const bytes = Buffer.from(key.replace(/^whsec_/, ''), 'base64')
  const wanted = createHmac('sha256', bytes).update(`${id}.${timestamp}.`).update(body).digest()
  // While a sender changes its key there are two of them.
  const isRight = signatures
    .split(' ')
    .some((one) => one.startsWith('v1,') && isSame(Buffer.from(one.slice(3), 'base64'), wanted))
  return isRight ? keyOf(`id ${id}`) : null
}

/** Nothing but the body is signed there, so the same body counts once. */
function checkHub({ body, key, header }: SignedCall): string | null {
  const match = /^sha256=([0-9a-f]{64})$/.exec(header('x-hub-signature-256') ?? '')
  if (!match?.[1]) return null
  const wanted = createHmac('sha256', key).update(body).digest()
  return isSame(Buffer.from(match[1], 'hex'), wanted) ? keyOf(`body ${match[1]}`) : null
}

/** What a repetition of a call is known by that is not signed; null when it names nothing. */
export function repetitionKey(header: SignedCall['header']): string | null {
  const id = header('webhook-id') ?? header('idempotency-key')
  return id === null ? null : keyOf(`id ${id}`)
}

const keyOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

const isSame = (given: Buffer, wanted: Buffer): boolean =>
  given.length === wanted.length && timingSafeEqual(given, wanted)
