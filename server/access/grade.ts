import { type AccessFacts, type AccessGrade, accessGrades, type AccessReason } from '../../contract/access.ts'

/** What is known besides what the node told. */
export interface Grants {
  /** Whether every agent may run there, also those to come. */
  readonly isAll: boolean
  /** Titles of granted agents that the gate of the node would refuse. */
  readonly behind: readonly string[]
  /** Names of bundles that the gate allows and that are not granted. */
  readonly beyond: readonly string[]
  /** Whether a password for sudo is stored here. */
  readonly hasSudoPassword: boolean
}

export interface Reason {
  readonly reason: AccessReason
  readonly grade: AccessGrade
  /** What it is about, in a word of the node or of an agent; may be empty. */
  readonly subject: string
}

interface Rule {
  readonly reason: AccessReason
  /** The best grade that is possible with it: for a node whose gate starts granted code alone, and for any other. */
  readonly caps: readonly [gated: AccessGrade, open: AccessGrade]
  /** What it is about when it holds; null when it does not. */
  readonly when: (facts: AccessFacts, grants: Grants, isGated: boolean) => string | null
}

const holds = (is: boolean, subject = ''): string | null => (is ? subject : null)
const option = ({ keyOptions }: AccessFacts, name: string) => keyOptions?.find((one) => one.name === name)
const opening = ['port-forwarding', 'agent-forwarding', 'x11-forwarding', 'pty', 'user-rc']

/**
 * Each reason caps the grade. The question behind all of them: what could somebody do on the node who had stolen what
 * opens it, and nothing else?
 */
const rules: readonly Rule[] = [
  // One password, and everything is theirs; it can be guessed from anywhere, too.
  {
    reason: 'root-and-password',
    caps: ['F', 'F'],
    when: ({ isRoot, login }) => holds(isRoot && login === 'password'),
  },
  // A password can be guessed, is used elsewhere as well, and cannot be bound to an address or a command.
  {
    reason: 'password-login',
    caps: ['D', 'D'],
    when: ({ isRoot, login }) => holds(!isRoot && login === 'password'),
  },
  // Everything; behind a gate only what our agents do as root.
  {
    reason: 'root-login',
    caps: ['B', 'D'],
    when: ({ isRoot, login, user }) => holds(isRoot && login === 'key', user),
  },
  // As good as root for whoever gets a shell; behind a gate one has to find a hole in an agent first.
  { reason: 'sudo-all', caps: ['C', 'D'], when: ({ sudo }) => holds(sudo === 'all') },
  {
    reason: 'sudo-password',
    caps: ['C', 'D'],
    when: ({ sudo }, { hasSudoPassword }) => holds(sudo === 'password' && hasSudoPassword),
  },
  {
    reason: 'root-group',
    caps: ['C', 'D'],
    when: ({ rootGroups }) => holds(rootGroups.length > 0, rootGroups.join(', ')),
  },
  // Any program can be started with the rights of the user.
  { reason: 'no-gate', caps: ['A', 'C'], when: (_facts, _grants, isGated) => holds(!isGated) },
  // Tunnels into the network of the node, and terminals.
  {
    reason: 'no-restrict',
    caps: ['C', 'C'],
    when: (facts) => holds(facts.keyOptions !== null && !option(facts, 'restrict')),
  },
  // Nobody knows what the key may do.
  {
    reason: 'line-unseen',
    caps: ['B', 'B'],
    when: ({ login, keyOptions }) => holds(login === 'key' && keyOptions === null),
  },
  // A stolen key is good from anywhere.
  {
    reason: 'from-anywhere',
    caps: ['B', 'B'],
    when: (facts) => holds(facts.keyOptions !== null && !option(facts, 'from')),
  },
  {
    reason: 'forwarding',
    caps: ['B', 'B'],
    when: (facts) => {
      const opened = opening.filter((name) => option(facts, 'restrict') && option(facts, name))
      return holds(opened.length > 0, opened.join(', '))
    },
  },
  // More is let in than anybody granted.
  {
    reason: 'gate-beyond',
    caps: ['B', 'A'],
    when: (_, { beyond }) => holds(beyond.length > 0, beyond.join(', ')),
  },
  {
    reason: 'gate-behind',
    caps: ['B', 'A'],
    when: (_, { behind }) => holds(behind.length > 0, behind.join(', ')),
  },
  // What is installed tomorrow may run there, too.
  { reason: 'all-agents', caps: ['B', 'B'], when: (_, { isAll }) => holds(isAll) },
]

/** How little a node lets us do, and why it is no less. Pure: the same answers always give the same grade. */
export function gradeOf(facts: AccessFacts, grants: Grants): { grade: AccessGrade; reasons: Reason[] } {
  const isGated = facts.isForced && facts.bundles !== null
  const reasons = rules
    .flatMap(({ reason, caps, when }) => {
      const subject = when(facts, grants, isGated)
      return subject === null ? [] : [{ reason, grade: caps[isGated ? 0 : 1], subject }]
    })
    .toSorted((a, b) => rank(b.grade) - rank(a.grade))
  return { grade: reasons[0]?.grade ?? 'A', reasons }
}

const rank = (grade: AccessGrade): number => accessGrades.indexOf(grade)
