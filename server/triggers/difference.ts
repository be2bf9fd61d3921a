import type { AppliedSchedule } from '../../contract/schedules.ts'

/** Addresses that anybody could post to who knows them. */
const secretFields = new Set(['notifications'])

/** What differs between two schedules or two triggers, field by field, as people read it. Nothing for two that mean the same. */
export function differencesOf(before: object | null, after: object): AppliedSchedule['differences'] {
  const was = before ? flatten(before) : new Map<string, string>()
  const is = flatten(after)
  const paths = [...new Set([...was.keys(), ...is.keys()])]
  return paths
    .filter((path) => was.get(path) !== is.get(path))
    .map((path) => ({
      path,
      before: shown(path, was.get(path)),
      after: shown(path, is.get(path)),
    }))
}

const shown = (path: string, value: string | undefined): string | null =>
  value === undefined ? null : secretFields.has(path.split('.')[0] ?? '') ? '▮▮▮' : value

function flatten(value: object, before = '', found = new Map<string, string>()): Map<string, string> {
  for (const [name, one] of Object.entries(value) as [string, unknown][]) {
    const path = before === '' ? name : `${before}.${name}`
    if (one === null || one === undefined) continue
    if (Array.isArray(one)) {
      if (one.length > 0) found.set(path, one.map((item) => textOf(item)).join(', '))
    } else if (typeof one === 'object') flatten(one, path, found)
    else found.set(path, textOf(one))
  }
  return found
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
