import { expect, test } from 'vitest'
import type { AccessFacts } from '../../contract/access.ts'
import { type Grants, gradeOf } from './grade.ts'

const option = (name: string, value: string | null = null) => ({ name, value })
/** As the block leaves it. */
const enrolled: AccessFacts = {
  user: 'carl',
  isRoot: false,
  login: 'key',
  rootGroups: [],
  sudo: 'commands',
  sudoRules: ['(root) NOPASSWD: /usr/bin/dmesg ""'],
  isForced: true,
  keyOptions: [option('restrict'), option('from', '192.168.1.10'), option('command', '/gate')],
  bundles: [],
  startsUs: true,
  seenFrom: '192.168.1.10',
}
/** A user with a key, and nothing said about it. */
const plain: Partial<AccessFacts> = { sudo: 'none', isForced: false, bundles: null, keyOptions: [] }
/** What is said of every such key. */
const rest = 'no-gate C, no-restrict C, from-anywhere B'
const granted: Grants = { isAll: false, behind: [], beyond: [], hasSudoPassword: false }

test.each<[what: string, facts: Partial<AccessFacts>, grants: Partial<Grants>, grade: string, why: string]>([
  ['the block, pasted', {}, {}, 'A', ''],
  ['the block without sudo', { sudo: 'none', sudoRules: [] }, {}, 'A', ''],
  ['the block for root', { isRoot: true, user: 'root' }, {}, 'B', 'root-login B root'],
  [
    'the block without an address',
    { keyOptions: [option('restrict'), option('command', '/gate')] },
    {},
    'B',
    'from-anywhere B',
  ],
  [
    'the block of a jump host',
    { keyOptions: [option('restrict'), option('port-forwarding'), option('from', 'x')] },
    {},
    'B',
    'forwarding B port-forwarding',
  ],
  [
    'a list on the node that is too old',
    {},
    { behind: ['System Health'] },
    'B',
    'gate-behind B System Health',
  ],
  ['a list on the node with more', {}, { beyond: ['old 1.0.0'] }, 'B', 'gate-beyond B old 1.0.0'],
  ['every agent, also those to come', {}, { isAll: true }, 'B', 'all-agents B'],
  ['a gate, and sudo for everything', { sudo: 'all' }, {}, 'C', 'sudo-all C'],
  ['a gate, and a group like root', { rootGroups: ['docker'] }, {}, 'C', 'root-group C docker'],
  ['a key with nothing before it', plain, {}, 'C', rest],
  [
    'a key that is restricted, without a gate',
    { ...plain, keyOptions: [option('restrict'), option('from', 'x')] },
    {},
    'C',
    'no-gate C',
  ],
  ['a key whose line nobody saw', { ...plain, keyOptions: null }, {}, 'C', 'no-gate C, line-unseen B'],
  [
    "somebody else's forced command, which is no gate of ours",
    { bundles: null, startsUs: false },
    {},
    'C',
    'no-gate C',
  ],
  ['a key and sudo for everything', { ...plain, sudo: 'all' }, {}, 'D', `sudo-all D, ${rest}`],
  [
    'a key and a stored password for sudo',
    { ...plain, sudo: 'password' },
    { hasSudoPassword: true },
    'D',
    `sudo-password D, ${rest}`,
  ],
  [
    'a key and sudo for a password that is not stored here',
    { ...plain, sudo: 'password', keyOptions: null },
    {},
    'C',
    'no-gate C, line-unseen B',
  ],
  [
    'a key and the group docker',
    { ...plain, rootGroups: ['docker'] },
    {},
    'D',
    `root-group D docker, ${rest}`,
  ],
  ['the key of root', { ...plain, isRoot: true, user: 'root' }, {}, 'D', `root-login D root, ${rest}`],
  ['a password', { ...plain, login: 'password', keyOptions: null }, {}, 'D', 'password-login D, no-gate C'],
  [
    'the password of root',
    { ...plain, login: 'password', keyOptions: null, isRoot: true },
    {},
    'F',
    'root-and-password F, no-gate C',
  ],
])('%s', (_what, facts, grants, grade, why) => {
  const judged = gradeOf({ ...enrolled, ...facts }, { ...granted, ...grants })
  expect(judged.grade).toBe(grade)
  const told = judged.reasons.map((one) => [one.reason, one.grade, one.subject].filter(Boolean).join(' '))
  expect(told.join(', ')).toBe(why)
})
