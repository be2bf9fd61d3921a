import { expect, test } from 'vitest'
import type { AccessFacts } from '../../contract/access.ts'
import { allowList } from '../ssh/gate.ts'
import { parseProbe } from '../ssh/probe.ts'
import { accessFactsOf } from './access-facts.ts'

const blob = 'AAAAC3NzaC1lZDI1NTE5AAAAIPx0yQ2sG0bD1Qn7Xn8m0i8u3u0oRrXb1mU4E0p6b6aC'
const publicKey = `ssh-ed25519 ${blob} carl`
const agent = { sha256: 'a'.repeat(64), name: 'system-health 1.0.0' }

const factsFrom = (...lines: string[]): AccessFacts =>
  accessFactsOf(parseProbe(lines.map((line) => `MARK ${line}\n`).join(''), 'MARK'), {
    kind: 'key',
    publicKey,
  })

test.each<[what: string, lines: string[], facts: Partial<AccessFacts>]>([
  ['root', ['uid=0', 'user=root'], { isRoot: true, user: 'root', sudo: 'none' }],
  [
    'single commands',
    ['sudoRules=    (root) NOPASSWD: /usr/bin/dmesg "", /usr/sbin/lvs'],
    { sudo: 'commands' },
  ],
  ['everything by sudo', ['sudoRules=    (ALL : ALL) NOPASSWD: ALL'], { sudo: 'all' }],
  [
    'everything among other rules',
    ['sudoRules=  (root) NOPASSWD: /bin/a   (ALL) NOPASSWD: ALL'],
    { sudo: 'all' },
  ],
  [
    'everything for a password, and one command without',
    ['sudoRules=  (ALL : ALL) ALL   (root) NOPASSWD: /usr/bin/id'],
    { sudo: 'password', sudoRules: ['(ALL : ALL) ALL', '(root) NOPASSWD: /usr/bin/id'] },
  ],
  ['a command with ALL in its name', ['sudoRules=  (root) NOPASSWD: /opt/ALLOW'], { sudo: 'commands' }],
  ['a member of sudo who would be asked', ['groups=anna sudo', 'sudoListed=1'], { sudo: 'password' }],
  ['groups like root', ['groups=carl docker adm lxd'], { rootGroups: ['docker', 'lxd'], sudo: 'none' }],
  [
    'the line of our key among others',
    [
      'key=# keys',
      'key=ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB ann',
      `key=restrict,from="10.0.0.2" ${publicKey}`,
    ],
    {
      keyOptions: [
        { name: 'restrict', value: null },
        { name: 'from', value: '10.0.0.2' },
      ],
    },
  ],
  ['no line of our key', [`key=${publicKey.replace('AAAIPx0', 'AAAIPx1')}`], { keyOptions: null }],
  [
    'our gate',
    [
      'forced=yes',
      ...allowList([agent])
        .trim()
        .split('\n')
        .map((line) => `allowed=${line}`),
    ],
    { isForced: true, startsUs: true, bundles: [agent] },
  ],
  [
    'a gate for another version of this server',
    [
      'forced=yes',
      `allowed=program ${'b'.repeat(64)} supervisor`,
      `allowed=bundle ${agent.sha256} ${agent.name}`,
    ],
    { startsUs: false, bundles: [agent] },
  ],
  [
    'a list that nobody asks, for no command is forced',
    [`allowed=bundle ${agent.sha256} ${agent.name}`],
    { isForced: false, bundles: null },
  ],
  ['a list with nonsense in it', ['forced=yes', 'allowed=bundle x <b>', 'allowed=rm -rf /'], { bundles: [] }],
  ['the address we come from', ['from=192.168.1.10'], { seenFrom: '192.168.1.10' }],
  [
    'a node that tells nothing',
    [],
    { user: '', isRoot: false, seenFrom: null, keyOptions: null, sudoRules: [] },
  ],
])('%s is read from the answers of a node', (_what, lines, facts) => {
  expect(factsFrom(...lines)).toMatchObject(facts)
})
