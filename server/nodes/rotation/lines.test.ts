import { describe, expect, test } from 'vitest'
import { holds, toKey, withNext, without } from './lines.ts'

const oldLine = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOld carl: nas'
const nextLine = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINew carl-nas-2026-03-01'
const [old, next] = [toKey(oldLine), toKey(nextLine)]
const anna = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAnna anna@laptop'

describe('the line of the new key', () => {
  test.each([
    ['stands behind the others', `${anna}\n${oldLine}\n`, `${anna}\n${oldLine}\n${nextLine}\n`],
    ['ends the last line first, where nobody did', oldLine, `${oldLine}\n${nextLine}\n`],
    [
      'has the options of the old one',
      `restrict,from="10.0.0.2,!*.evil" ${oldLine}\n`,
      `restrict,from="10.0.0.2,!*.evil" ${oldLine}\nrestrict,from="10.0.0.2,!*.evil" ${nextLine}\n`,
    ],
    [
      'keeps a forced command as it is',
      `command="echo \\"a b\\"" ${oldLine}\n`,
      `command="echo \\"a b\\"" ${oldLine}\ncommand="echo \\"a b\\"" ${nextLine}\n`,
    ],
    [
      'leaves remarks, blanks and bytes of others alone',
      `# h\u00e9\u00ff\n\n\t ${oldLine}\r\n`,
      `# h\u00e9\u00ff\n\n\t ${oldLine}\r\n${nextLine}\n`,
    ],
  ])('%s', (_name, before, text) => {
    expect(withNext(before, old, next)).toEqual({ kind: 'changed', text })
  })

  test('is not added twice', () => {
    expect(withNext(`${oldLine}\n${nextLine}\n`, old, next)).toEqual({ kind: 'same' })
  })

  test.each([
    ['the old one is not there', `${anna}\n`],
    ['the old one is only a remark', `# ${oldLine}\n`],
    ['its options cannot be written again', `environment="A=b\\" ${oldLine}\n`],
  ])('is not added where %s', (_name, text) => {
    expect(withNext(text, old, next).kind).toBe('refused')
  })
})

describe('the line of the old key', () => {
  test.each([
    ['goes, and nothing else', `# a\n${oldLine}\n${anna}\n${nextLine}\n`, `# a\n${anna}\n${nextLine}\n`],
    [
      'goes wherever it stands, with whatever options and remark',
      `restrict ${old.type} ${old.blob}\n${nextLine}\n${oldLine}\n`,
      `${nextLine}\n`,
    ],
    ['goes from the end without a line end', `${nextLine}\n${oldLine}`, `${nextLine}\n`],
    ['stays as a remark', `# ${oldLine}\n${oldLine}\n${nextLine}\n`, `# ${oldLine}\n${nextLine}\n`],
  ])('%s', (_name, before, text) => {
    expect(without(before, old, next)).toEqual({ kind: 'changed', text })
  })

  test('may be gone already', () => {
    expect(without(`${nextLine}\n`, old, next)).toEqual({ kind: 'same' })
  })

  test('stays where the new one is missing', () => {
    expect(without(`${oldLine}\n${anna}\n`, old, next).kind).toBe('refused')
  })
})

test('a key is known by its blob alone', () => {
  expect(holds(`no-pty ${old.type} ${old.blob} another remark\n`, old)).toBe(true)
  expect(holds(`${nextLine}\n`, old)).toBe(false)
})
