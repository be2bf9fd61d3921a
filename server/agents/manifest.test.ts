import { describe, expect, test } from 'vitest'
import { isAppError } from '../lib/errors.ts'
import { createOptionsCheck, parseManifest } from './manifest.ts'

const least = `
id: disk-watch
version: 1.0.0
title: Disk Watch
description: Looks at disks.
protocol: 1
timeoutS: {}
`

const withOptions = (properties: string, more = '') => `${least}
options:
  type: object
  additionalProperties: false
  ${more}
  properties:
${properties}
`
const options = withOptions(`
    warnPct: { type: number, default: 85, minimum: 1, maximum: 100 }
    skip: { type: array, items: { type: string, enum: [disks, load] }, uniqueItems: true, default: [] }
    loud: { type: boolean, default: false }
    path: { type: string, pattern: '^/', maxLength: 10 }
`)

function refusalOf(work: () => unknown) {
  try {
    work()
  } catch (error) {
    if (isAppError(error)) return { code: error.code, detail: error.problem.detail, issues: error.issues }
    throw error
  }
  return { code: 'accepted', detail: '', issues: [] }
}

describe('agent.yaml', () => {
  test('needs little; the rest is filled in', () => {
    expect(parseManifest(least)).toEqual({
      id: 'disk-watch',
      version: '1.0.0',
      title: 'Disk Watch',
      description: 'Looks at disks.',
      protocol: 1,
      reads: [],
      modes: ['report'],
      actions: [],
      costClass: 'light',
      timeoutS: { default: 300, max: 3_600 },
      resumable: true,
      history: [],
      platforms: ['linux'],
      privileges: {},
      sudo: [],
      secrets: [],
      options: { type: 'object', additionalProperties: false, properties: {} },
    })
  })

  test.each<[name: string, text: string, field: string]>([
    ['an id that is none', least.replace('disk-watch', 'Disk Watch'), 'id'],
    ['a version that is none', least.replace('1.0.0', '1.0'), 'version'],
    ['a kind of change that is none', `${least}modes: [plan]\nactions: [shell.run]`, 'actions.0'],
    ['actions that it never plans', `${least}actions: [file.remove]`, 'modes'],
    ['changes that nobody planned', `${least}modes: [report, apply]`, 'modes'],
    ['no title', least.replace('title: Disk Watch', ''), 'title'],
    ['another protocol', least.replace('protocol: 1', 'protocol: 2'), 'protocol'],
    ['a timeout that is none', least.replace('{}', '{ default: soon }'), 'timeoutS.default'],
    ['a usual time above the most', least.replace('{}', '{ default: 600, max: 60 }'), 'timeoutS'],
    ['a command without words', `${least}sudo: [{ why: x, argv: [] }]`, 'sudo.0.argv'],
    ['an option of a strange type', withOptions('    a: { type: date }'), 'options.properties.a.type'],
    [
      'options that allow anything',
      options.replace('additionalProperties: false', ''),
      'options.additionalProperties',
    ],
  ])('with %s is refused, and the field is named', (_name, text, field) => {
    const { code, detail, issues } = refusalOf(() => parseManifest(text))
    expect(code).toBe('agent.manifest_invalid')
    expect(issues?.map(({ path }) => path)).toEqual([field])
    expect(detail).toMatch(new RegExp(`^${field.replaceAll('.', '\\.')}: `))
  })

  test.each<[name: string, text: string, says: string]>([
    ['a typing mistake', `${least}acctions: []`, 'Unrecognized key: "acctions"'],
    ['nothing in it', '', 'expected object'],
    ['a broken line', `${least}reads: [`, 'line'],
    ['the same field twice', `${least}protocol: 1`, 'unique'],
  ])('with %s is refused', (_name, text, says) => {
    const { code, detail } = refusalOf(() => parseManifest(text))
    expect(code).toBe('agent.manifest_invalid')
    expect(detail).toContain(says)
    expect(detail).not.toMatch(/^:/)
  })
})

describe('the options of an agent', () => {
  const check = createOptionsCheck(parseManifest(options))

  test('are its defaults when none are given', () => {
    expect(check({})).toEqual({ warnPct: 85, skip: [], loud: false })
  })

  test('are what is given, and defaults for the rest', () => {
    expect(check({ warnPct: 50, skip: ['load'] })).toEqual({ warnPct: 50, skip: ['load'], loud: false })
  })

  test('are copied: what was given stays as it was, and one run does not change the next', () => {
    const given = {}
    const first = check(given)
    ;(first.skip as string[]).push('disks')
    expect(given).toEqual({})
    expect(check({}).skip).toEqual([])
  })

  test.each<[given: Record<string, unknown>, path: string, message: string]>([
    [{ colour: 'red' }, 'options.colour', 'not an option of this agent'],
    [{ warnPct: 101 }, 'options.warnPct', 'must be <= 100'],
    [{ warnPct: '85' }, 'options.warnPct', 'must be number'],
    [{ skip: ['load', 'dust'] }, 'options.skip.1', 'must be one of disks, load'],
    [{ path: 'etc' }, 'options.path', 'must match pattern "^/"'],
    [{ loud: null }, 'options.loud', 'must be boolean'],
  ])('%j are refused', (given, path, message) => {
    expect(refusalOf(() => check(given))).toEqual({
      code: 'agent.options_invalid',
      detail: `${path}: ${message}`,
      issues: [{ path, message }],
    })
  })

  test('are refused with all that is wrong', () => {
    const { issues } = refusalOf(() => check({ colour: 'red', loud: 1 }))
    expect(issues?.map(({ path }) => path).sort()).toEqual(['options.colour', 'options.loud'])
  })

  test('may be required where there is no default', () => {
    const strict = createOptionsCheck(
      parseManifest(withOptions('    path: { type: string }', 'required: [path]')),
    )
    expect(strict({ path: '/' })).toEqual({ path: '/' })
    expect(refusalOf(() => strict({}))).toMatchObject({
      code: 'agent.options_invalid',
      detail: 'options.path: missing, and has no default',
    })
  })

  test.each<[name: string, property: string]>([
    ['refuse their own default', 'warnPct: { type: number, default: 0, minimum: 1 }'],
    ['have a rule that is none', "path: { type: string, pattern: '(' }"],
  ])('that %s are a mistake of the agent', (_name, property) => {
    const manifest = parseManifest(withOptions(`    ${property}`))
    expect(refusalOf(() => createOptionsCheck(manifest))).toMatchObject({ code: 'agent.manifest_invalid' })
  })
})
