import { describe, expect, test } from 'vitest'
import { agentId, executionId, nodeId } from './ids.ts'

const tail = '01kdm4s0v0abcdefghjkmnpqrs'

describe('an id', () => {
  test('is prefixed by what it names', () => {
    expect(executionId.parse(`exe_${tail}`)).toBe(`exe_${tail}`)
    expect(nodeId.safeParse(`exe_${tail}`).success).toBe(false)
  })

  test.each<[name: string, text: string]>([
    ['too short', `exe_${tail.slice(1)}`],
    ['too long', `exe_${tail}0`],
    ['in capitals', `exe_${tail.toUpperCase()}`],
    ['with a letter that looks like a digit', `exe_${tail.slice(1)}l`],
    ['with a path in it', `exe_../../../../../../etc/pass`],
    ['with a line end behind it', `exe_${tail}\n`],
    ['without a prefix', tail],
  ])('is refused when it is %s', (_name, text) => {
    expect(executionId.safeParse(text).success).toBe(false)
  })
})

describe('the name of an agent', () => {
  test.each(['system-health', 'a', 'zfs2-doctor'])('may be %s', (name) => {
    expect(agentId.safeParse(name).success).toBe(true)
  })

  test.each(['', 'System', 'a_b', '-a', 'a-', 'a--b', '2a', '../x', 'a b', `a\n`, 'a'.repeat(65)])(
    'may not be %j',
    (name) => {
      expect(agentId.safeParse(name).success).toBe(false)
    },
  )
})
