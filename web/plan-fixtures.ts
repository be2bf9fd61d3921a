import type { Action, Plan, Policy, Rejection, Trashed } from '../contract/plans.ts'
import { ago, executionIdOf, hostile, nodeIdOf } from './fixtures.ts'

/** What stories of plans draw. */

const idOf = (prefix: string, number: number) => `${prefix}_01jd${String(number).padStart(22, '0')}`
const sha256 = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9'

/** A change that an agent proposes. */
export function anAction(changed: Partial<Action> = {}): Action {
  return {
    aid: 'docker.image.remove:3f2a',
    order: {
      type: 'docker.image.remove',
      target: { id: `sha256:${sha256}` },
      args: {},
      precondition: { tags: [], digests: [] },
    },
    object: `image:sha256:${sha256}`,
    title: 'Remove the dangling image 3f2a61 of 2 days ago',
    why: 'No tag and no container refers to it.',
    findingKey: 'docker.dangling_images:all',
    bytesMin: 0,
    bytesMax: 412_000_000,
    risk: 'low',
    reversibility: 'no',
    destructive: false,
    nameToType: null,
    state: 'waiting',
    approvalId: null,
    outcome: null,
    rejection: null,
    ...changed,
  }
}

export const planActions: readonly Action[] = [
  anAction(),
  anAction({
    aid: 'docker.container.remove:77b1',
    order: {
      type: 'docker.container.remove',
      target: { id: sha256, name: 'old-nextcloud' },
      args: { aside: true, keepDays: 7 },
      precondition: { state: 'exited', finishedAt: '2026-09-01T08:00:00Z', image: `sha256:${sha256}` },
    },
    object: 'container:old-nextcloud',
    title: 'Remove the container old-nextcloud, stopped 86 days ago',
    why: 'It has not run since September. It is set aside for 7 days first.',
    reversibility: 'yes',
    bytesMin: 1_200_000,
    bytesMax: 1_200_000,
  }),
  anAction({
    aid: 'docker.volume.remove:9c40',
    order: {
      type: 'docker.volume.remove',
      target: { name: 'pgdata' },
      args: { aside: false, keepDays: 7 },
      precondition: { createdAt: '2025-02-01T08:00:00Z', driver: 'local', isAnonymous: false },
    },
    object: 'volume:pgdata',
    title: 'Remove the volume pgdata',
    why: 'No container uses it, running or stopped. You asked for named volumes in the options.',
    risk: 'critical',
    destructive: true,
    nameToType: 'pgdata',
    bytesMin: 8_400_000_000,
    bytesMax: 8_400_000_000,
  }),
  anAction({
    aid: 'docker.buildcache.prune:aa01',
    order: {
      type: 'docker.buildcache.prune',
      target: { ids: ['k3x9w2m1', 'p0q8r7s6'] },
      args: {},
      precondition: {},
    },
    object: 'buildcache',
    title: 'Remove 2 records of build cache',
    why: 'They were not used for 14 days.',
    reversibility: 'rebuild',
    bytesMin: 2_100_000_000,
    bytesMax: 2_900_000_000,
  }),
]

/** Work that only reads, and ends by itself. */
export const startedWork: readonly Action[] = [
  anAction({
    aid: 'smart.selftest.start:c0ff',
    order: {
      type: 'smart.selftest.start',
      target: { device: '/dev/sde', serial: 'WD-WCC7TEST' },
      args: { kind: 'short' },
      precondition: {},
    },
    object: 'drive:WD-WCC7TEST',
    title: 'Start a short self-test of WDC WD40EFRX-68N32N0 WD-WCC7TEST',
    why: 'While it runs the disks are slower; it ends by itself and changes no data.',
    reversibility: 'ends',
    bytesMin: null,
    bytesMax: null,
  }),
  anAction({
    aid: 'zfs.scrub.start:beef',
    order: { type: 'zfs.scrub.start', target: { pool: 'tank', guid: '1123344' }, args: {}, precondition: {} },
    object: 'pool:tank',
    title: 'Start a scrub of tank',
    why: 'While it runs the disks are slower; it ends by itself and changes no data.',
    reversibility: 'ends',
    bytesMin: null,
    bytesMax: null,
  }),
]

/** What an agent proposes for a node. */
export function aPlan(changed: Partial<Plan> = {}): Plan {
  return {
    id: idOf('pln', 1) as Plan['id'],
    executionId: executionIdOf(1),
    agentId: 'docker-janitor',
    agentTitle: 'Docker Janitor',
    agentVersion: '1.0.0',
    bundleSha256: sha256,
    nodeId: nodeIdOf(1),
    nodeName: 'nas',
    createdAt: ago(18),
    expiresAt: ago(-60 * 24 + 18),
    closed: null,
    actions: [...planActions],
    approvals: [],
    bytesMin: 0,
    bytesMax: 0,
    ...changed,
  }
}

const someApproval = idOf('apr', 1) as Plan['approvals'][number]['id']

/** The same, after somebody approved two of it and it was carried out. */
export const appliedPlan: Plan = aPlan({
  id: idOf('pln', 2) as Plan['id'],
  nodeName: hostile.words,
  closed: 'A newer run of the agent took its place.',
  actions: [
    anAction({
      state: 'settled',
      approvalId: someApproval,
      outcome: { kind: 'done', reason: null, why: null, bytesFreed: 398_000_000, at: ago(10) },
    }),
    {
      ...(planActions[1] as Action),
      state: 'settled',
      approvalId: someApproval,
      outcome: {
        kind: 'skipped',
        reason: 'in-use',
        why: 'It was started 2 minutes after the plan.',
        bytesFreed: null,
        at: ago(10),
      },
    },
    {
      ...(planActions[3] as Action),
      title: hostile.html,
      state: 'settled',
      approvalId: someApproval,
      outcome: {
        kind: 'unknown',
        reason: null,
        why: 'It was begun, and nobody heard how it ended.',
        bytesFreed: null,
        at: ago(10),
      },
    },
    { ...(planActions[2] as Action), state: 'superseded' },
  ],
  approvals: [
    {
      id: someApproval,
      kind: 'plan',
      sha256,
      approvedBy: 'user:anna',
      approvedAt: ago(11),
      secondBy: 'user:ben',
      state: 'settled',
      dryRun: false,
      expiresAt: ago(-49),
      executionId: executionIdOf(2),
      bytesFreed: 398_000_000,
    },
  ],
})

/** Rejections that are remembered: one for a while, one until it is taken back. */
export const rejections: readonly Rejection[] = [
  {
    id: idOf('rej', 2) as Rejection['id'],
    nodeId: nodeIdOf(1),
    nodeName: 'nas',
    agentId: 'docker-janitor',
    type: 'docker.volume.remove',
    object: 'volume:pgdata',
    title: 'Remove the volume pgdata',
    by: 'user:anna',
    why: 'The old wiki; I still need it.',
    at: '2026-11-20T08:00:00.000Z',
    until: '2026-12-20T08:00:00.000Z',
  },
  {
    id: idOf('rej', 1) as Rejection['id'],
    nodeId: nodeIdOf(2),
    nodeName: hostile.words,
    agentId: 'docker-janitor',
    type: 'docker.container.remove',
    object: 'container:old',
    title: hostile.long,
    by: 'user:ben',
    why: hostile.html,
    at: '2026-11-01T08:00:00.000Z',
    until: null,
  },
]

/** A plan in which one change is not asked again. */
export const planWithHeld: Plan = aPlan({
  id: idOf('pln', 3) as Plan['id'],
  actions: [
    anAction(),
    { ...(planActions[2] as Action), state: 'held', rejection: rejections[0] as Rejection },
  ],
})

export const trash: readonly Trashed[] = (['kept', 'restoring', 'restored'] as const).map((state, index) => ({
  id: idOf('tra', index + 1) as Trashed['id'],
  nodeId: nodeIdOf(1),
  nodeName: index === 1 ? hostile.words : 'nas',
  agentId: 'docker-janitor',
  title: ['Remove the container old-nextcloud', hostile.html, 'Remove access.log.7'][index] ?? '',
  object: ['container:old-nextcloud', `file:/srv/${hostile.long}`, 'file:/var/log/access.log.7'][index] ?? '',
  type: index === 0 ? 'docker.container.remove' : 'file.remove',
  bytes: [1_200_000, 44_000_000_000, 0][index] ?? 0,
  removedAt: ago(60 * (index + 2)),
  removedBy: 'user:anna',
  until: index === 2 ? null : ago(-60 * 24 * 6),
  state,
  executionId: executionIdOf(2),
}))

export const somePolicy: Policy = {
  id: idOf('pol', 1) as Policy['id'],
  type: 'docker.buildcache.prune',
  targets: ['tag:lab', 'docker-*'],
  maxBytes: 5_000_000_000,
  createdBy: 'user:anna',
  createdAt: ago(60 * 24 * 9),
}
