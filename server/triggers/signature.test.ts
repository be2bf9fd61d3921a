import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkSignature } from './signature.ts'

/** The example that Standard Webhooks gives: https://github.com/standard-webhooks/standard-webhooks. */
const example = {
  key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  body: '{"test": 2432232314}',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: '1614265330',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
const sentAt = Number(example.timestamp) * 1_000

interface Given {
  readonly headers?: Record<string, string>
  readonly body?: Buffer
  readonly afterS?: number
}

function check({ headers = {}, body = Buffer.from(example.body), afterS = 0 }: Given): string | null {
  const all: Record<string, string> = {
    'webhook-id': example.id,
    'webhook-timestamp': example.timestamp,
    'webhook-signature': example.signature,
    ...headers,
  }
  const header = (name: string) => all[name] ?? null
  return checkSignature({ body, now: new Date(sentAt + afterS * 1_000), key: example.key, header })
}

const wrong: [string, Given][] = [
  ['another body', { body: Buffer.from(`${example.body} `) }],
  ['another id', { headers: { 'webhook-id': 'msg_other' } }],
  ['a timestamp that is not signed', { headers: { 'webhook-timestamp': '1614265331' } }],
  ['a timestamp that is none', { headers: { 'webhook-timestamp': '1614265330.5' } }],
  ['another version', { headers: { 'webhook-signature': example.signature.replace('v1', 'v1a') } }],
  ['half a signature', { headers: { 'webhook-signature': example.signature.slice(0, 20) } }],
  ['none', { headers: { 'webhook-signature': '' } }],
  ['too late', { afterS: 301 }],
  ['too early', { afterS: -301 }],
]

test('the example of the standard is signed right, and known again', () => {
  expect(check({})).toMatch(/^[\w-]{43}$/)
  expect(check({ afterS: 300 })).toBe(check({}))
  expect(check({ headers: { 'webhook-signature': `v1,AAAA ${example.signature}` } })).toBe(check({}))
})

test.each(wrong)('%s is refused', (_, given) => {
  expect(check(given)).toBeNull()
})

test('bytes that are no text are signed as they are', () => {
  const body = Buffer.from([0xff, 0x00, 0xfe])
  const header = (name: string) =>
    name === 'x-hub-signature-256'
      ? `sha256=${createHmac('sha256', example.key).update(body).digest('hex')}`
      : null
  const call = { now: new Date(sentAt), key: example.key, header }
  expect(checkSignature({ ...call, body })).not.toBeNull()
  expect(checkSignature({ ...call, body: Buffer.from(body.toString('utf8')) })).toBeNull()
})
