import type * as z from 'zod'
import { fail } from '../lib/errors.ts'
import type { Work } from './kind.ts'

/** A secret that has to come along. Throws `configuration.secret_missing`, which names it. */
export function needLent({ lent }: Work, name: string): string {
  const secret = lent(name)
  if (secret !== undefined) return secret
  throw fail('configuration.secret_missing', { detail: `Needed is ${name}.` })
}

/** What stands for an address that is a secret as a whole. */
const placeholder = /^secret:(\d{1,3})$/

/** Takes addresses out of what a schedule says about notifications, each replaced by its number. */
export function hideAddresses<Value>(value: Value): { value: Value; addresses: string[] } {
  const addresses: string[] = []
  const hide = (one: string): string => `secret:${addresses.push(one)}`
  const walk = (one: unknown, isAddress: boolean): unknown => {
    if (typeof one === 'string') return isAddress || one.includes('://') ? hide(one) : one
    if (Array.isArray(one)) return one.map((each) => walk(each, isAddress))
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(
      Object.entries(one).map(([name, each]) => [name, walk(each, isAddress || /^webhooks?$/.test(name))]),
    )
  }
  return { value: walk(value, false) as Value, addresses }
}

/** Puts addresses back where their numbers stand. */
export function showAddresses<Value>(value: Value, addressOf: (number: number) => string): Value {
  const walk = (one: unknown): unknown => {
    if (typeof one === 'string') {
      const match = placeholder.exec(one)
      return match ? addressOf(Number(match[1])) : one
    }
    if (Array.isArray(one)) return one.map(walk)
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(Object.entries(one).map(([name, each]) => [name, walk(each)]))
  }
  return walk(value) as Value
}

/** What came along, as a form would have taken it. Throws `request.invalid`, which never repeats what was given. */
export function asForm<Value>(shape: z.ZodType<Value>, given: unknown, name: string): Value {
  const parsed = shape.safeParse(given)
  if (parsed.success) return parsed.data
  const detail = parsed.error.issues.map(({ message }) => `${name}: ${message}`).join('; ')
  throw fail('request.invalid', { detail })
}
