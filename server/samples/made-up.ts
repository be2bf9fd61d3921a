import type { AgentMessage } from '../../contract/agent-protocol.ts'
import type { FinalState } from '../../contract/executions.ts'

/** What samples are made of. Names say what they are wherever they stand; `.invalid` is never resolved (RFC 2606). */
export interface MadeUpNode {
  readonly name: string
  readonly tags: readonly string[]
  readonly platform: Readonly<Record<string, string>>
  readonly isReached: boolean
}

type Finding = Extract<AgentMessage, { kind: 'finding' }>['finding']

export interface MadeUpRun {
  /** Place among the nodes. */
  readonly node: number
  readonly agent: string
  readonly hoursAgo: number
  readonly seconds: number
  readonly ended: FinalState
  readonly log: readonly string[]
  readonly messages: readonly AgentMessage[]
}

const gib = 1_073_741_824

export const madeUpNodes: readonly MadeUpNode[] = [
  {
    name: 'sample-nas',
    tags: ['sample', 'storage'],
    platform: { os: 'Debian GNU/Linux 12', arch: 'x86_64', python: '3.11.2' },
    isReached: true,
  },
  {
    name: 'sample-docker',
    tags: ['sample', 'docker'],
    platform: { os: 'Ubuntu 24.04', arch: 'x86_64', python: '3.12.3' },
    isReached: true,
  },
  {
    name: 'sample-pi',
    tags: ['sample', 'pi'],
    platform: { os: 'Raspberry Pi OS 12', arch: 'aarch64', python: '3.11.2' },
    isReached: false,
  },
]

const found = (finding: Omit<Finding, 'key' | 'confidence'>): AgentMessage => ({
  kind: 'finding',
  finding: { ...finding, key: `${finding.id}:${finding.subject}`, confidence: 'certain' },
})
const measured = (name: string, value: number, labels: Record<string, string> = {}): AgentMessage => ({
  kind: 'metric',
  name,
  value,
  unit: '%',
  labels,
})
const result: AgentMessage = {
  kind: 'result',
  status: 'ok',
  reason: null,
  gaps: [],
  dropped: {},
  ms: 2_000,
  maxRssKib: 20_000,
}
const seen = (steps: readonly string[]): AgentMessage[] =>
  steps.map((step) => ({ kind: 'progress', step, state: 'ok' }))

/** What the agent says once it has seen a disk fill for a week. */
const grows = (percent: number) =>
  percent < 85 ? {} : { forecast: { days: 100 - percent, confidence: 'medium' } }

/** One run of System Health: a disk that is so full. */
function health(
  node: number,
  hoursAgo: number,
  { mount, percent, memory }: { mount: string; percent: number; memory: number },
  more: readonly AgentMessage[] = [],
): MadeUpRun {
  const size = 4_000 * gib
  const used = Math.round((size * percent) / 100)
  const full: AgentMessage[] =
    percent < 90
      ? []
      : [
          found({
            id: 'disk.full',
            severity: 'high',
            subject: mount,
            title: `${mount} is ${percent} % full`,
            evidence: {
              used_pct: percent,
              size_bytes: size,
              used_bytes: used,
              grows_bytes_per_day: 40 * gib,
            },
            fix: `Look at what grows there: du -xh --max-depth=1 ${mount} | sort -h | tail`,
          }),
        ]
  return {
    node,
    agent: 'system-health',
    hoursAgo,
    seconds: 4,
    ended: 'succeeded',
    log: ['Looking at disks', 'Looking at memory and load', 'Looking at updates', 'Looking at certificates'],
    messages: [
      ...seen(['disks', 'load', 'updates', 'certs']),
      measured('disk.used_pct', percent, { mount }),
      measured('memory.used_pct', memory),
      ...full,
      ...more,
      {
        kind: 'data',
        schema: 'system-health/1',
        data: {
          disks: [{ mount, fstype: 'ext4', size, used, pct: percent, state: 'ok', ...grows(percent) }],
          load: { memory: { total: 16 * gib, pct: memory }, processes: 214 },
          updates: { manager: 'apt', upgradable: 6, security: more.length > 0 ? 2 : 0 },
        },
      },
      result,
    ],
  }
}

/** A disk that fills up over two weeks, so that there is a curve to look at. */
const filling = Array.from({ length: 14 }, (_, day) =>
  health(0, (14 - day) * 24, { mount: '/srv/media', percent: 78 + day, memory: 41 + (day % 4) }),
)

const updatesWait = found({
  id: 'upd.security',
  severity: 'warning',
  subject: 'apt',
  title: '2 security updates wait: openssl, libssl3',
  evidence: { security: 2, packages: ['openssl', 'libssl3'] },
  fix: 'Install them: apt-get install --only-upgrade openssl libssl3',
})

const droppedImage = 'sha256:4f1d2c3b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f001'

/** The run that proposes something, and what it proposes. */
const janitor: MadeUpRun = {
  node: 1,
  agent: 'docker-janitor',
  hoursAgo: 3,
  seconds: 6,
  ended: 'succeeded',
  log: ['Looking at images', 'Looking at containers', 'Two changes are proposed; nothing was changed'],
  messages: [
    ...seen(['images', 'containers']),
    found({
      id: 'docker.dangling_images',
      severity: 'info',
      subject: 'all',
      title: '1 image has no name any more and takes 1.2 GB',
      evidence: { images: 1, bytes: 1_200_000_000 },
      fix: 'Approve its removal, or run: docker image prune',
    }),
    { kind: 'data', schema: 'docker-janitor/1', data: { images: 14, containers: 9, volumes: 6 } },
    result,
  ],
}

const unreached: MadeUpRun = {
  node: 2,
  agent: 'system-health',
  hoursAgo: 2,
  seconds: 30,
  ended: 'unreachable',
  log: [
    'Connecting to sample-pi',
    'No answer within 10 seconds; trying again',
    'No answer within 10 seconds',
  ],
  messages: [],
}

const stopped: MadeUpRun = {
  node: 0,
  agent: 'disk-doctor',
  hoursAgo: 30,
  seconds: 60,
  ended: 'timed-out',
  log: ['Asking /dev/sda', 'Asking /dev/sdb', 'The time for this run is over; it was asked to end'],
  messages: [],
}

/** Every run, oldest first. */
export const madeUpRuns: readonly MadeUpRun[] = [
  ...filling,
  health(1, 26, { mount: '/', percent: 54, memory: 63 }),
  stopped,
  health(0, 4, { mount: '/srv/media', percent: 92, memory: 43 }),
  health(1, 3.5, { mount: '/', percent: 55, memory: 66 }, [updatesWait]),
  janitor,
  unreached,
].toSorted((a, b) => b.hoursAgo - a.hoursAgo)

/** What Docker Janitor proposes, as it would say it. */
export const madeUpActions = [
  {
    aid: 'docker.image.remove:4f1d',
    object: `image:${droppedImage}`,
    order: {
      type: 'docker.image.remove',
      target: { id: droppedImage },
      args: {},
      precondition: { tags: [], digests: [] },
    },
    title: 'Remove the image 4f1d2c3b that nothing uses',
    why: 'No tag and no container refers to it.',
    findingKey: 'docker.dangling_images:all',
    bytesMin: 0,
    bytesMax: 1_200_000_000,
  },
  {
    aid: 'docker.buildcache.prune:aa01',
    object: 'buildcache',
    order: {
      type: 'docker.buildcache.prune',
      target: { ids: ['k3x9w2m1', 'p0q8r7s6'] },
      args: {},
      precondition: {},
    },
    title: 'Remove 2 records of build cache',
    why: 'They were not used for 14 days.',
    findingKey: null,
    bytesMin: 300_000_000,
    bytesMax: 800_000_000,
  },
] as const

/** What a model would have said of the newest run of the first node. No cost: nothing was paid, and no page says so. */
export const madeUpExplanation = {
  model: 'sample',
  body: {
    verdict: {
      text: 'The media disk is nearly full and grows by about 43 GB a day; everything else is as it was.',
      evidence: [{ kind: 'finding', ref: 'disk.full:/srv/media', label: '/srv/media is 92 % full' }],
    },
    happened: [],
    lookAt: [],
    suggestions: [
      {
        text: 'Look at the largest folders below /srv/media first; at this pace it is full in about a week.',
        evidence: [{ kind: 'finding', ref: 'disk.full:/srv/media', label: '/srv/media is 92 % full' }],
        findingKey: 'disk.full:/srv/media',
      },
    ],
    dropped: 0,
  },
} as const
