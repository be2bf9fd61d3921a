import { sampleTail } from '../contract/sample-ids.ts'
import { aiSetup, type AiState } from '../contract/ai.ts'
import type { Severity } from '../contract/agent-protocol.ts'
import type { AccessFacts, Enrolment, NodeAccess } from '../contract/access.ts'
import type { Agent } from '../contract/agents.ts'
import { ApiError } from '../contract/client.ts'
import type { Credential } from '../contract/credentials.ts'
import { type ErrorCode, toProblem } from '../contract/errors.ts'
import {
  activeStates,
  type Execution,
  type ExecutionState,
  type FinalState,
  finalStates,
  type LogEntry,
  type Outcome,
} from '../contract/executions.ts'
import type { KeyRotation, NodeKey } from '../contract/keys.ts'
import type { AgentId, AiCallId, BatchId, ExecutionId, NodeId } from '../contract/ids.ts'
import type { AiCall, Budget, CostEstimate, CostSummary, PriceRow, Spending } from '../contract/costs.ts'
import type { Node } from '../contract/nodes.ts'
import type { Finding, FindingState, Report } from '../contract/reports.ts'
import type { Repository } from '../contract/repositories.ts'

/** What stories draw: one of everything, typed by the contract, and the worst that a node may send. */

/** An instant so many minutes before now. */
export const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()

const idOf = (prefix: string, number: number) => `${prefix}_01jd${String(number).padStart(22, '0')}`
export const nodeIdOf = (number: number) => idOf('nod', number) as NodeId
/** Of something made up. */
export const sampleIdOf = <Id extends string>(prefix: string, number: number) =>
  `${prefix}_01jd000000${sampleTail(number)}` as Id
export const executionIdOf = (number: number) => idOf('exe', number) as ExecutionId
const batchIdOf = (number: number) => idOf('bat', number) as BatchId
const sha256 = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9'

/** Texts that a node may send, each meant to break the page. */
export const hostile = {
  html: '<img src=x onerror="alert(1)"><script>alert(2)</script>',
  /** Turns the direction of what follows, where it is not isolated. */
  rightToLeft: 'report-\u202Egpj.exe and שלום \u2067عالم\u2069',
  long: 'x'.repeat(200),
  words: 'a very long name with many words '.repeat(6).trim(),
  emoji: '🏠🧑‍🚀 nas 👨‍👩‍👧‍👦 🇩🇪',
  control: 'bell\u0007 nul\u0000 backspace\u0008',
  link: 'javascript:alert(1)',
} as const

/** A refusal of the server, as a call throws it. */
export function refusal(
  code: ErrorCode,
  detail = '',
  rest: { issues?: boolean; retryAt?: string } = {},
): ApiError {
  const issues = [
    { path: 'body.host', message: 'A host name or an IP address' },
    { path: 'body.port', message: 'Too big: expected number to be <=65535' },
  ]
  return new ApiError(422, {
    ...toProblem(code, detail),
    requestId: 'req-7f3k2',
    ...(rest.issues ? { issues } : {}),
    ...(rest.retryAt ? { retryAt: rest.retryAt } : {}),
  })
}

const noFindings = { critical: 0, high: 0, warning: 0, info: 0 }

export function aNode(changed: Partial<Node> = {}): Node {
  return {
    id: nodeIdOf(1),
    name: 'nas',
    host: '192.168.1.10',
    port: 22,
    username: 'carl',
    credentialId: null,
    jumpNodeId: null,
    transport: 'builtin',
    elevation: 'commands',
    legacyAlgorithms: false,
    tags: ['storage', 'rack'],
    allowedAgents: null,
    connectionsPerHour: null,
    paused: false,
    hostKeys: [
      {
        type: 'ssh-ed25519',
        fingerprint: 'SHA256:1bU4nR8v2dQmYk0oZ5sXhT7cWj3fLq9gPaEeVxNyMw0',
        source: 'confirmed',
        pinnedAt: ago(60 * 24 * 40),
        seenAt: ago(12),
      },
    ],
    platform: { os: 'Debian GNU/Linux 12 (bookworm)', python: '3.11.2', uid: '1000', sudo: 'yes' },
    health: 'ok',
    findings: noFindings,
    lastSeenAt: ago(12),
    lastProblem: null,
    connected: true,
    createdAt: ago(60 * 24 * 40),
    updatedAt: ago(60 * 24 * 3),
    ...changed,
  }
}

/** A key that opens nodes. */
export const aCredential: Credential = {
  id: 'cre_01jd0000000000000000000001' as Credential['id'],
  name: 'carl',
  kind: 'key',
  publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2Zw0l7mW9tYH4o3t0mQy0l0o2mZ5c6JqK5h5m8y1Zs carl',
  fingerprint: 'SHA256:1bU4nR8v2dQmYk0oZ5sXhT7cWj3fLq9gPaEeVxNyMw0',
  hasSudoPassword: false,
  isUploaded: false,
  nodeIds: [nodeIdOf(1)],
  createdAt: ago(60 * 24 * 40),
  secretSetAt: ago(60 * 24 * 40),
}

const healthAgent = 'system-health' as AgentId

/** A node as the block leaves it. */
export const tightFacts: AccessFacts = {
  user: 'carl',
  isRoot: false,
  login: 'key',
  rootGroups: [],
  sudo: 'commands',
  sudoRules: ['(root) NOPASSWD: /usr/bin/dmesg "", /usr/sbin/lvs --reportformat json --units b'],
  isForced: true,
  keyOptions: [
    { name: 'restrict', value: null },
    { name: 'from', value: '192.168.1.5' },
    { name: 'command', value: '/usr/local/lib/carl/carl/gate' },
  ],
  bundles: [{ sha256, name: 'system-health 1.0.0' }],
  startsUs: true,
  seenFrom: '192.168.1.5',
}

export const anAccess = (changed: Partial<NodeAccess> = {}): NodeAccess => ({
  facts: tightFacts,
  seenAt: ago(12),
  grade: 'A',
  reasons: [],
  agents: [{ agentId: healthAgent, title: 'System Health', isGranted: true, onNode: 'allowed' }],
  ...changed,
})

export const anEnrolment = (changed: Partial<Enrolment> = {}): Enrolment => ({
  paste: `# Lets Claude Agent Runner Lite in as carl, to start this and nothing else: system-health 1.0.0.\nsh -eu <<'PASTE'\n# 1. The gate: what may be started.\nmkdir -p /usr/local/lib/carl/carl\nPASTE\n`,
  remove: 'rm -f /etc/sudoers.d/carl; userdel -rf carl; rm -rf /usr/local/lib/carl/carl',
  bundles: [{ agentId: healthAgent, title: 'System Health', sha256 }],
  sudo: [{ why: 'To name what was killed for lack of memory', argv: ['dmesg'] }],
  ownAddresses: ['192.168.1.5', 'fd00::5'],
  ...changed,
})

/** One node of each health, and one with a name that nobody should have. */
export const nodes: readonly Node[] = [
  aNode(),
  aNode({
    id: nodeIdOf(2),
    name: 'pve1',
    host: 'pve1.lan',
    tags: ['proxmox'],
    health: 'findings',
    findings: { critical: 1, high: 1, warning: 3, info: 2 },
  }),
  aNode({
    id: nodeIdOf(3),
    name: 'pihole',
    host: '192.168.1.2',
    tags: ['pi', 'dns'],
    health: 'unreachable',
    lastSeenAt: ago(60 * 26),
    lastProblem: toProblem('ssh.connection_timeout', 'Nothing answered at 192.168.1.2:22 within 10 s.'),
    connected: false,
  }),
  aNode({
    id: nodeIdOf(4),
    name: 'backup',
    host: 'backup.lan',
    tags: [],
    health: 'blocked',
    lastProblem: toProblem('ssh.host_key_changed'),
    connected: false,
  }),
  aNode({ id: nodeIdOf(5), name: 'workshop-pi', host: '192.168.1.40', health: 'paused', paused: true }),
  aNode({
    id: nodeIdOf(6),
    name: 'new-box',
    host: '192.168.1.77',
    tags: [],
    hostKeys: [],
    platform: {},
    health: 'unknown',
    lastSeenAt: null,
    connected: false,
  }),
  aNode({
    id: nodeIdOf(7),
    name: hostile.words,
    host: 'example.lan',
    tags: ['ünïcode', hostile.long.slice(0, 50)],
  }),
]

export function anOutcome(kind: FinalState, changed: Partial<Outcome> = {}): Outcome {
  const codes: Record<FinalState, ErrorCode | null> = {
    succeeded: null,
    failed: 'execution.agent_failed',
    'timed-out': 'execution.timed_out',
    cancelled: null,
    lost: 'execution.lost',
    unreachable: 'ssh.host_unreachable',
    blocked: 'ssh.host_key_unknown',
  }
  const code = codes[kind]
  return {
    kind,
    problem: code && toProblem(code),
    partial: false,
    exitCode: kind === 'succeeded' ? 0 : kind === 'failed' ? 3 : null,
    signal: kind === 'timed-out' ? 9 : null,
    forced: kind === 'timed-out',
    left: [],
    attempts: kind === 'unreachable' ? 3 : 1,
    lastLines: kind === 'failed' ? ['Traceback (most recent call last):', '  …', 'KeyError: "mounts"'] : [],
    ...changed,
  }
}

export function anExecution(changed: Partial<Execution> = {}): Execution {
  return {
    id: executionIdOf(1),
    batchId: batchIdOf(1),
    agentId: 'system-health',
    agentVersion: '1.0.0',
    bundleSha256: sha256,
    nodeId: nodeIdOf(1),
    nodeName: 'nas',
    state: 'succeeded',
    mode: 'report',
    approvalId: null,
    dryRun: false,
    options: {},
    timeoutS: 120,
    startedBy: 'user:anna',
    queuedAt: ago(9),
    startedAt: ago(8.9),
    finishedAt: ago(8.8),
    waitingFor: null,
    outcome: anOutcome('succeeded'),
    logLines: 84,
    verdict: '2 things need you: /var is 93 % full, and one more.',
    findings: { critical: 0, high: 1, warning: 1, info: 2 },
    ...changed,
  }
}

const isFinalState = (state: ExecutionState): state is FinalState =>
  (finalStates as readonly string[]).includes(state)

/** One execution in every state, newest first. */
export const executions: readonly Execution[] = [...activeStates, ...finalStates].map((state, index) => {
  const hasEnded = isFinalState(state)
  const hasReport = state === 'succeeded'
  return anExecution({
    id: executionIdOf(index + 1),
    nodeId: nodeIdOf((index % 5) + 1),
    nodeName: nodes[index % 5]?.name ?? 'nas',
    state,
    queuedAt: ago(index * 47 + 2),
    startedAt: state === 'queued' ? null : ago(index * 47 + 1.8),
    finishedAt: hasEnded ? ago(index * 47 + 1.6) : null,
    waitingFor: state === 'queued' ? '2 before it on this node' : null,
    outcome: hasEnded ? anOutcome(state) : null,
    verdict: hasReport ? 'All is well.' : null,
    findings: hasReport ? noFindings : null,
    startedBy: index % 2 ? 'user:anna' : 'token:backup-script',
  })
})

export function aFinding(changed: Partial<Finding> = {}): Finding {
  return {
    key: 'disk.full:/var',
    rule: 'disk.full',
    severity: 'high',
    subject: '/var',
    title: '/var is 93 % full',
    evidence: { used_pct: 93, size_bytes: 53_687_091_200, free_bytes: 3_758_096_384, full_in_days: 6 },
    fix: 'Look at what grows: `du -xh /var | sort -h | tail`. The log of journald alone takes 4.1 GB.',
    confidence: 'certain',
    state: 'new',
    nodeId: nodeIdOf(1),
    agentId: 'system-health',
    firstSeenAt: ago(60 * 30),
    lastSeenAt: ago(9),
    resolvedAt: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    executionId: executionIdOf(1),
    ...changed,
  }
}

const told: readonly [Severity, FindingState, string, string][] = [
  ['critical', 'worse', 'raid.degraded', 'Array md0 runs on one disk of two'],
  ['high', 'new', 'disk.full', '/var is 93 % full'],
  ['warning', 'known', 'updates.security', '7 security updates are waiting'],
  ['warning', 'better', 'load.high', 'Load is 5.1 on 4 cores'],
  ['info', 'known', 'reboot.pending', 'A restart is due since 3 days'],
  ['high', 'resolved', 'service.failed', 'smartd.service had failed'],
]

/** Findings of every severity and state, then one that is meant to break the page. */
export const findings: readonly Finding[] = [
  ...told.map(([severity, state, rule, title], index) =>
    aFinding({
      key: `${rule}:${index}`,
      rule,
      severity,
      state,
      title,
      subject: rule.split('.')[0] ?? rule,
      nodeId: nodeIdOf((index % 3) + 1),
      resolvedAt: state === 'resolved' ? ago(9) : null,
      acknowledgedAt: state === 'known' ? ago(60) : null,
      acknowledgedBy: state === 'known' ? 'anna' : null,
    }),
  ),
  aFinding({
    key: 'hostile:1',
    title: hostile.html,
    subject: hostile.rightToLeft,
    fix: hostile.link,
    evidence: {
      html: hostile.html,
      long: hostile.long,
      emoji: hostile.emoji,
      nested: { list: [1, null, { a: true }] },
    },
    confidence: 'low',
  }),
]

export const report: Report = {
  executionId: executionIdOf(1),
  agentId: 'system-health',
  agentVersion: '1.0.0',
  nodeId: nodeIdOf(1),
  nodeName: 'nas',
  createdAt: ago(9),
  durationMs: 4_320,
  verdict: '3 things need you: Array md0 runs on one disk of two, and two more.',
  worst: 'critical',
  findings: [...findings],
  gaps: [
    {
      what: 'auth',
      why: 'The log of logins needs more rights.',
      remedy: 'Add carl to the group systemd-journal.',
    },
  ],
  changes: [
    {
      path: 'disks./var.used_pct',
      kind: 'changed',
      before: 61,
      after: 93,
      text: '/var grew from 61 % to 93 %',
    },
    {
      path: 'ports.external',
      kind: 'added',
      before: null,
      after: 8_080,
      text: 'Port 8080 is open (python3)',
    },
    { path: 'services.smartd', kind: 'removed', before: 'failed', after: null, text: hostile.html },
  ],
  comparedWith: executionIdOf(9),
  metrics: [
    { name: 'disk.used_pct', value: 93, unit: '%', labels: { mount: '/var' } },
    { name: 'memory.used_pct', value: 41, unit: '%', labels: {} },
  ],
  schema: 'system-health/1',
  facts: { host: { name: 'nas', cores: 4 }, disks: [{ mount: '/var', used_pct: 93 }] },
}

export const agent: Agent = {
  manifest: {
    id: 'system-health',
    version: '1.0.0',
    title: 'System Health',
    description: 'Looks over a node in a few seconds and says what needs a person.',
    protocol: 1,
    reads: ['How full file systems are', 'Which services failed or restarted', 'Which updates are waiting'],
    modes: ['report'],
    actions: [],
    costClass: 'light',
    timeoutS: { default: 120, max: 900 },
    resumable: true,
    history: ['disk', 'mounts'],
    secrets: [],
    platforms: ['linux'],
    privileges: { none: 'Everything but the log of logins.', root: 'Everything.' },
    sudo: [{ why: 'To name what was killed for lack of memory', argv: ['dmesg'] }],
    options: {
      type: 'object',
      additionalProperties: false,
      properties: {
        diskFullPct: {
          type: 'integer',
          title: 'A disk is full from',
          description: 'Per cent.',
          default: 90,
          minimum: 50,
          maximum: 99,
        },
        skip: {
          type: 'array',
          title: 'Sections to leave out',
          items: { type: 'string', enum: ['disks', 'load', 'services'] },
        },
        askNetwork: { type: 'boolean', title: 'Ask name servers', default: true },
      },
    },
  },
  origin: 'built-in',
  bundleSha256: sha256,
  bundleBytes: 61_440,
  readme: '# System Health\n\nLooks over a node in a few seconds.',
}

export const agents: readonly Agent[] = [
  agent,
  {
    ...agent,
    manifest: {
      ...agent.manifest,
      id: 'docker-janitor',
      version: '0.3.0',
      title: 'Docker Janitor',
      description:
        'Finds images, volumes and build caches that nobody uses any more, and proposes what to remove.',
      modes: ['report', 'plan', 'apply'],
      actions: ['docker.image.remove', 'docker.volume.remove', 'docker.buildcache.prune'],
      costClass: 'heavy',
    },
    origin: 'installed',
  },
]

const esc = '\u001B'

/** A log of every stream and level, with colours and with what is meant to break the page. */
export const logEntries: readonly LogEntry[] = (
  [
    ['server', 'info', 'Connecting to 192.168.1.10:22'],
    ['raw', 'info', 'Welcome to nas! Last login: yesterday'],
    ['agent', 'info', 'Collecting disks'],
    [
      'out',
      'info',
      `${esc}[32mok${esc}[0m ${esc}[1mdisks${esc}[22m ${esc}[38;5;208m12 ms${esc}[0m ${esc}[4munderlined${esc}[0m`,
    ],
    [
      'out',
      'info',
      `${esc}[31;1mfailed${esc}[0m ${esc}[43;30m on yellow ${esc}[0m ${esc}[38;2;90;200;250mtrue colour${esc}[0m`,
    ],
    ['out', 'debug', `${esc}[2J${esc}[10;10Hmoved the cursor${esc}]0;took the title${esc}\\`],
    ['err', 'error', 'Traceback (most recent call last): KeyError: "mounts"'],
    ['out', 'warn', hostile.html],
    ['out', 'info', hostile.rightToLeft],
    ['out', 'info', hostile.long],
    ['out', 'info', hostile.emoji],
    ['out', 'info', hostile.control],
    ['gap', 'warn', '1 204 lines were left out'],
    ['agent', 'info', 'Result: ok'],
  ] as const
).map(([stream, level, text], index) => ({
  seq: index + 1,
  at: ago(9 - index * 0.01),
  stream,
  level,
  text,
  message: stream === 'agent' ? { kind: 'log', level, msg: text } : null,
}))

/** A rotation that is in its grace. */
export function aRotation(changed: Partial<KeyRotation> = {}): KeyRotation {
  return {
    step: 'grace',
    strategy: 'file',
    waitsForPerson: false,
    waitsForRun: false,
    line: null,
    problem: null,
    retryAt: null,
    startedAt: ago(70),
    startedBy: 'user:anna',
    activatedAt: ago(65),
    graceUntil: ago(65 - 24 * 60),
    goodRuns: 1,
    oldFingerprint: 'SHA256:1bU4nR8v2dQmYk0oZ5sXhT7cWj3fLq9gPaEeVxNyMw0',
    newFingerprint: 'SHA256:tQ5w7Zy0nHc3kRfB9mXsJd2vLgPeAuKo4iTb6YxNqE8',
    endedAt: null,
    ...changed,
  }
}

export function aNodeKey(changed: Partial<NodeKey> = {}): NodeKey {
  return {
    nodeId: nodeIdOf(1),
    nodeName: 'nas',
    credentialId: 'cre_01jd0000000000000000000001' as NodeKey['credentialId'],
    credentialName: 'carl',
    isOwn: false,
    isUploaded: false,
    fingerprint: 'SHA256:1bU4nR8v2dQmYk0oZ5sXhT7cWj3fLq9gPaEeVxNyMw0',
    since: ago(60 * 24 * 30),
    dueAt: ago(-60 * 24 * 60),
    standing: 'fresh',
    cannotRotate: null,
    rotation: null,
    ...changed,
  }
}
const nanoPerUsd = 1_000_000_000

export const costSummary: CostSummary = {
  todayNanoUsd: 0.041 * nanoPerUsd,
  monthNanoUsd: 1.27 * nanoPerUsd,
  heldTodayNanoUsd: 2_355_000,
  heldMonthNanoUsd: 4_710_000,
  dailyLimitNanoUsd: nanoPerUsd,
  monthlyLimitNanoUsd: 10 * nanoPerUsd,
  reached: null,
  zone: 'Europe/Berlin',
  isAiOn: true,
  isStandIn: false,
  prices: { asOf: '2026-11-20', areOld: false },
}

export const costOff: CostSummary = {
  ...costSummary,
  todayNanoUsd: 0,
  monthNanoUsd: 0,
  heldTodayNanoUsd: 0,
  heldMonthNanoUsd: 0,
  isAiOn: false,
}

export const spending: Spending = {
  zone: 'Europe/Berlin',
  from: '2026-10-28',
  to: '2026-11-26',
  totalNanoUsd: 1_270_000_000,
  calls: 214,
  days: Array.from({ length: 30 }, (_, index) => ({
    day: new Date(Date.UTC(2026, 9, 28 + index)).toISOString().slice(0, 10),
    nanoUsd: index % 6 === 2 ? 0 : 12_000_000 + ((index * 37) % 61) * 1_000_000,
  })),
  byAgent: [
    { agentId: 'docker-janitor', nanoUsd: 1_010_000_000, calls: 131 },
    { agentId: 'system-health', nanoUsd: 255_000_000, calls: 80 },
    { agentId: null, nanoUsd: 5_000_000, calls: 3 },
  ],
  byNode: [
    { nodeId: nodeIdOf(1), nodeName: 'nas', nanoUsd: 900_000_000, calls: 120 },
    { nodeId: nodeIdOf(2), nodeName: 'pve1', nanoUsd: 350_000_000, calls: 80 },
    { nodeId: nodeIdOf(3), nodeName: null, nanoUsd: 15_000_000, calls: 11 },
    { nodeId: nodeIdOf(7), nodeName: hostile.words, nanoUsd: 5_000_000, calls: 3 },
  ],
  byModel: [
    {
      driver: 'anthropic',
      model: 'claude-sonnet-5-5',
      isPriceKnown: true,
      nanoUsd: 1_110_000_000,
      calls: 74,
    },
    { driver: 'anthropic', model: 'claude-haiku-5-5', isPriceKnown: true, nanoUsd: 160_000_000, calls: 140 },
  ],
  savings: [
    { reason: 'quiet', runs: 6_930, nanoUsd: 5_232_150_000 },
    { reason: 'cache-exact', runs: 41, nanoUsd: 30_955_000 },
  ],
  forecast: {
    likelyNanoUsd: 1_450_000_000,
    leastNanoUsd: 1_330_000_000,
    mostNanoUsd: 1_580_000_000,
    days: 28,
  },
  suggestions: [
    { kind: 'bills-unknown', subject: null, nanoUsd: 4_710_000, percent: null, apply: null },
    {
      kind: 'agent-dominates',
      subject: 'docker-janitor',
      nanoUsd: 1_300_000_000,
      percent: 80,
      apply: { limit: 'agent', agentId: 'docker-janitor', limitNanoUsd: 1_300_000_000 },
    },
  ],
}

export function aCall(changed: Partial<AiCall> = {}): AiCall {
  return {
    id: idOf('aic', 1) as AiCallId,
    at: ago(9),
    purpose: 'explanation',
    executionId: executionIdOf(1),
    nodeId: nodeIdOf(1),
    agentId: 'system-health',
    driver: 'anthropic',
    model: 'claude-haiku-5-5',
    mode: 'direct',
    billing: 'metered',
    state: 'settled',
    reservedNanoUsd: 2_355_000,
    chargedNanoUsd: 584_000,
    listNanoUsd: 584_000,
    isPriceKnown: true,
    use: { input: 1_650, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 1_900, output: 800, thinking: 310 },
    requestId: 'req_011CVbN',
    stopReason: 'end_turn',
    durationMs: 2_140,
    why: null,
    ...changed,
  }
}

export const unknownCall = aCall({
  id: idOf('aic', 2) as AiCallId,
  state: 'unknown',
  use: null,
  listNanoUsd: null,
  chargedNanoUsd: 2_355_000,
  why: 'No answer within 60 s.',
})

export const budgets: { zone: string; items: Budget[] } = {
  zone: 'Europe/Berlin',
  items: [
    {
      limit: 'execution',
      agentId: null,
      limitNanoUsd: 100_000_000,
      isDefault: true,
      usedNanoUsd: null,
      heldNanoUsd: null,
      resetsAt: null,
    },
    {
      limit: 'day',
      agentId: null,
      limitNanoUsd: nanoPerUsd,
      isDefault: true,
      usedNanoUsd: 41_000_000,
      heldNanoUsd: 2_355_000,
      resetsAt: ago(-300),
    },
    {
      limit: 'month',
      agentId: null,
      limitNanoUsd: null,
      isDefault: false,
      usedNanoUsd: 1_270_000_000,
      heldNanoUsd: 0,
      resetsAt: ago(-6_000),
    },
    {
      limit: 'agent',
      agentId: 'docker-janitor',
      limitNanoUsd: 1_200_000_000,
      isDefault: false,
      usedNanoUsd: 1_010_000_000,
      heldNanoUsd: 0,
      resetsAt: ago(-6_000),
    },
  ],
}

export const costEstimate: CostEstimate = {
  driver: 'anthropic',
  model: 'claude-haiku-5-5',
  isAiOn: true,
  billing: 'metered',
  likelyNanoUsd: 755_000,
  mostNanoUsd: 2_355_000,
  atLeastNanoUsd: 0,
  isPriceKnown: true,
  learntFrom: 12,
}

export const costEstimateOff: CostEstimate = {
  ...costEstimate,
  driver: 'none',
  model: null,
  isAiOn: false,
  likelyNanoUsd: 0,
  mostNanoUsd: 0,
  learntFrom: 0,
}

const tier = {
  input: 100_000,
  cacheWrite5m: 125_000,
  cacheWrite1h: 200_000,
  cacheRead: 10_000,
  output: 500_000,
}

export const prices: PriceRow[] = [
  {
    model: 'claude-haiku-5-5',
    effectiveFrom: '2025-01-01',
    tiers: [
      { upToPromptTokens: 100_000, ...tier },
      { upToPromptTokens: null, ...tier, input: 500_000, output: 2_500_000 },
    ],
    batchPercent: 50,
    source: 'bundled',
    asOf: '2026-11-20',
  },
  {
    model: 'qwen3:30b',
    effectiveFrom: '2026-11-26',
    tiers: [{ upToPromptTokens: null, ...tier, input: 1_000, output: 2_000 }],
    batchPercent: 100,
    source: 'user',
    asOf: '2026-11-26',
  },
]

export const aiOff: AiState = {
  setup: aiSetup.parse({}),
  keys: { anthropic: null, 'openai-compatible': null },
  isStandIn: false,
  pause: null,
  claudeCodeCallsToday: 0,
}
/** Claude by its API, with a key. */
export const aiClaude: AiState = {
  ...aiOff,
  setup: { ...aiOff.setup, driver: 'anthropic' },
  keys: { ...aiOff.keys, anthropic: { setAt: ago(90), baseUrl: 'https://api.anthropic.com' } },
}
const aRepository = (number: number, changed: Partial<Repository>): Repository => ({
  id: idOf('rep', number) as Repository['id'],
  nodeId: nodeIdOf(1),
  nodeName: 'nas',
  kind: 'restic',
  location: '/srv/backup/restic',
  state: 'open',
  newestAt: ago(60 * 7),
  backups: 214,
  sizeBytes: 412_300_000_000,
  lookedAt: ago(60 * 3),
  executionId: executionIdOf(5),
  check: { at: ago(60 * 3), isWhole: true, how: 'SHA-256 of each file against its name; restic check' },
  drill: { at: ago(60 * 3), executionId: executionIdOf(5), isProved: true, why: null },
  proof: { at: ago(60 * 3), executionId: executionIdOf(5), files: 50, bytes: 211_000_000, identical: 47 },
  findings: { critical: 0, high: 0, warning: 0, info: 0 },
  secret: { setAt: ago(60 * 24 * 40), variables: [] },
  ...changed,
})

/** Repositories in every standing, with the names that a node may send. */
export const repositories: readonly Repository[] = [
  aRepository(1, {}),
  aRepository(2, {
    kind: 'borg',
    location: '/mnt/usb/borg',
    nodeName: 'pve1',
    nodeId: nodeIdOf(2),
    findings: { critical: 1, high: 0, warning: 1, info: 0 },
    check: { at: ago(60 * 3), isWhole: false, how: 'CRC-32 of each entry of its segments' },
    drill: {
      at: ago(60 * 3),
      executionId: executionIdOf(5),
      isProved: false,
      why: 'Data integrity error: Segment entry checksum mismatch [segment 3, offset 412]',
    },
    proof: {
      at: ago(60 * 24 * 20),
      executionId: executionIdOf(5),
      files: 50,
      bytes: 188_000_000,
      identical: 50,
    },
  }),
  aRepository(3, {
    location: 's3:https://s3.example.com/a-rather-long-name-of-a-bucket/and/a/path/in/it',
    state: 'unseen',
    newestAt: null,
    backups: 0,
    sizeBytes: null,
    lookedAt: null,
    executionId: null,
    check: null,
    drill: null,
    proof: null,
    secret: { setAt: ago(5), variables: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] },
  }),
  aRepository(4, {
    location: '/srv/backup/photos',
    state: 'outside',
    drill: null,
    proof: null,
    secret: null,
    findings: { critical: 0, high: 0, warning: 0, info: 1 },
  }),
  aRepository(5, {
    kind: 'rsnapshot',
    location: '/backup/rsnapshot',
    proof: {
      at: ago(60 * 24 * 140),
      executionId: executionIdOf(5),
      files: 50,
      bytes: 9_000_000,
      identical: 50,
    },
    drill: null,
    secret: null,
  }),
  aRepository(6, {
    kind: 'vzdump',
    location: '/var/lib/vz/dump',
    nodeName: 'pve1',
    nodeId: nodeIdOf(2),
    drill: null,
    proof: null,
    secret: null,
    backups: 1,
  }),
  aRepository(7, {
    location: `/mnt/${hostile.html}`,
    nodeName: hostile.rightToLeft,
    state: 'missing',
    findings: { critical: 1, high: 0, warning: 0, info: 0 },
    drill: null,
    proof: null,
    check: null,
    secret: null,
  }),
]
