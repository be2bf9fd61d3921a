import * as z from 'zod'

/**
 * The closed catalogue of changes. An agent can propose nothing else, a person can approve nothing else, and no action
 * holds text that could become a command: targets are identities, arguments are small choices. What a kind needs to be
 * true is its `precondition`; the node reads every object again and skips what no longer matches.
 */

const text = (max: number) => z.string().min(1).max(max)
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const keepDays = z.number().int().min(1).max(90)

const contentId = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'A whole sha256: id')
const containerId = z.string().regex(/^[0-9a-f]{64}$/, 'A whole id of 64 hex digits')
const dockerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'A plain name')
  .max(255)
const imageReference = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:/@-]*$/, 'A plain image reference')
  .max(400)
const cacheId = z
  .string()
  .regex(/^[a-z0-9]+$/, 'A whole id')
  .max(128)
/** An absolute path without `.`, `..`, empty parts or characters that a terminal would not show. */
const path = z
  .string()
  .regex(/^(\/(?!\.{1,2}(\/|$))[^/\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+)+$/u, 'A plain absolute path')
  .max(1_000)
/** Below `/dev`, and no way out of it. */
const device = z
  .string()
  .regex(/^\/dev\/(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9/_.:-]*$/, 'A device below /dev')
  .max(105)
/** As a drive tells it: compared on the node, never a word of a command. */
const serialNumber = z
  .string()
  .regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'A serial number')
  .max(100)
const poolName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.:-]*$/, 'A plain name')
  .max(100)
const nanoseconds = z.string().regex(/^\d{1,20}$/, 'Nanoseconds')

/** Of a file, what tells that it is still the same one. */
const fileIdentity = z.strictObject({ device: count, inode: count, bytes: count, mtimeNs: nanoseconds })
/** Whether the thing is set aside for some days rather than removed at once. */
const asideFor = z.strictObject({ aside: z.boolean(), keepDays })
const nothing = z.strictObject({})

/** Every kind with the shapes of its parts. All of them refuse fields that they do not know. */
export const actionKinds = {
  'docker.image.remove': {
    target: z.strictObject({ id: contentId }),
    args: nothing,
    /** Tags must be the same set; digests say from where it can be pulled again. */
    precondition: z.strictObject({
      tags: z.array(imageReference).max(100),
      digests: z.array(imageReference).max(100),
    }),
  },
  'docker.container.remove': {
    target: z.strictObject({ id: containerId, name: dockerName }),
    /** Set aside: it stays, stopped and under another name, until it is discarded. */
    args: asideFor,
    precondition: z.strictObject({
      state: z.enum(['exited', 'created', 'dead']),
      finishedAt: text(64),
      image: contentId,
    }),
  },
  'docker.volume.remove': {
    target: z.strictObject({ name: dockerName }),
    /** Set aside: its content is copied before it goes, as far as the budget for that allows. */
    args: asideFor,
    precondition: z.strictObject({
      createdAt: text(64),
      driver: z.literal('local'),
      isAnonymous: z.boolean(),
    }),
  },
  'docker.buildcache.prune': {
    target: z.strictObject({ ids: z.array(cacheId).min(1).max(500) }),
    args: nothing,
    precondition: nothing,
  },
  'docker.image.restore': {
    /** Pulled again by digest, then given its tags. */
    target: z.strictObject({ id: contentId, digests: z.array(imageReference).min(1).max(100) }),
    args: z.strictObject({ tags: z.array(imageReference).max(100) }),
    precondition: nothing,
  },
  'docker.container.restore': {
    target: z.strictObject({ id: containerId, name: dockerName, asideName: dockerName }),
    args: nothing,
    precondition: nothing,
  },
  'docker.volume.restore': {
    target: z.strictObject({ name: dockerName, asideName: dockerName }),
    args: nothing,
    precondition: nothing,
  },
  /** The end of what was set aside. */
  'docker.aside.discard': {
    target: z.strictObject({ what: z.enum(['container', 'volume']), asideName: dockerName }),
    args: nothing,
    /** Id of the container, or when the volume was made. */
    precondition: z.strictObject({ identity: text(128) }),
  },
  'file.remove': {
    target: z.strictObject({ path }),
    args: asideFor,
    precondition: fileIdentity,
  },
  'file.restore': {
    target: z.strictObject({ path, asidePath: path }),
    args: nothing,
    precondition: fileIdentity,
  },
  'file.aside.discard': {
    target: z.strictObject({ asidePath: path }),
    args: nothing,
    precondition: fileIdentity,
  },
  /** A drive reads itself. It goes on working meanwhile, and no data changes. */
  'smart.selftest.start': {
    target: z.strictObject({ device, serial: serialNumber }),
    args: z.strictObject({ kind: z.enum(['short', 'long']) }),
    precondition: nothing,
  },
  /** A pool reads all that it holds, and mends what it can from its other copies. */
  'zfs.scrub.start': {
    target: z.strictObject({ pool: poolName, guid: z.string().regex(/^\d{1,20}$/, 'A guid') }),
    args: nothing,
    precondition: nothing,
  },
  /** An array reads all its disks and compares; it writes nothing. */
  'md.check.start': {
    target: z.strictObject({ array: z.string().regex(/^md[A-Za-z0-9_-]{1,40}$/, 'An array') }),
    args: nothing,
    precondition: z.strictObject({
      level: z.string().regex(/^raid\d{1,2}$/, 'A level'),
      members: z.number().int().min(0).max(1_000),
    }),
  },
} as const

export type ActionType = keyof typeof actionKinds
export const actionTypes = Object.keys(actionKinds) as [ActionType, ...ActionType[]]
export const actionType = z.enum(actionTypes)

/** What an action of a kind is about: all that a node may act on. */
type OrderOf<Type extends ActionType> = Type extends ActionType
  ? {
      readonly type: Type
      readonly target: z.infer<(typeof actionKinds)[Type]['target']>
      readonly args: z.infer<(typeof actionKinds)[Type]['args']>
      readonly precondition: z.infer<(typeof actionKinds)[Type]['precondition']>
    }
  : never
export type ActionOrder = OrderOf<ActionType>

const orderShape = <Type extends ActionType>(type: Type) => {
  const { target, args, precondition } = actionKinds[type]
  return z.strictObject({ type: z.literal(type), target, args, precondition })
}

/** Parses what an action is about. Refuses an unknown kind, an unknown field, and anything that is no whole identity. */
export const actionOrder: z.ZodType<ActionOrder> = z.discriminatedUnion(
  'type',
  actionTypes.map((type) => orderShape(type)) as unknown as [ReturnType<typeof orderShape>],
) as unknown as z.ZodType<ActionOrder>

export const risks = ['low', 'medium', 'high', 'critical'] as const
export const risk = z.enum(risks)
export type Risk = z.infer<typeof risk>

/**
 * `yes`: from what is set aside, for the days it is kept · `repull`: from where it came · `rebuild`: it comes back by
 * itself or is built anew · `ends`: nothing to take back, it ends by itself and changes no data · `no`: gone for good.
 */
export const reversibility = z.enum(['yes', 'repull', 'rebuild', 'ends', 'no'])
export type Reversibility = z.infer<typeof reversibility>

/** How much an action can hurt. Judged here from its parts: a node has no say in it. */
export function riskOf(order: ActionOrder): Risk {
  switch (order.type) {
    case 'docker.image.remove':
      return order.precondition.tags.length === 0 ? 'low' : 'medium'
    case 'docker.container.remove':
      return order.args.aside ? 'low' : 'medium'
    case 'docker.volume.remove':
      return order.precondition.isAnonymous ? 'high' : 'critical'
    case 'docker.buildcache.prune':
      return 'low'
    case 'docker.aside.discard':
      return order.target.what === 'volume' ? 'high' : 'medium'
    case 'file.remove':
      return order.args.aside ? 'medium' : 'high'
    case 'file.aside.discard':
      return 'high'
    case 'docker.image.restore':
    case 'docker.container.restore':
    case 'docker.volume.restore':
    case 'file.restore':
    case 'smart.selftest.start':
    case 'zfs.scrub.start':
    case 'md.check.start':
      return 'low'
  }
}

/** Whether and how an action can be taken back. */
export function reversibilityOf(order: ActionOrder): Reversibility {
  switch (order.type) {
    case 'docker.image.remove':
      return order.precondition.digests.length > 0 ? 'repull' : 'no'
    case 'docker.container.remove':
    case 'docker.volume.remove':
    case 'file.remove':
      return order.args.aside ? 'yes' : 'no'
    case 'docker.buildcache.prune':
      return 'rebuild'
    case 'smart.selftest.start':
    case 'zfs.scrub.start':
    case 'md.check.start':
      return 'ends'
    case 'docker.aside.discard':
    case 'file.aside.discard':
      return 'no'
    case 'docker.image.restore':
    case 'docker.container.restore':
    case 'docker.volume.restore':
    case 'file.restore':
      return 'yes'
  }
}

/**
 * Whether data of somebody's can be lost for good: asks for an administrator who has just proved to be there.
 * A dangling image without a digest is none: it was built here and nothing refers to it.
 */
export function isDestructive(order: ActionOrder): boolean {
  const risk = riskOf(order)
  return risk === 'high' || risk === 'critical' || (risk === 'medium' && reversibilityOf(order) === 'no')
}

/** The name that a person has to type before this action is approved; null where a click is enough. */
export const nameToType = (order: ActionOrder): string | null =>
  order.type === 'docker.volume.remove' && !order.precondition.isAnonymous ? order.target.name : null

/** The kind that takes back what this kind did; null where nothing does. A node can offer no other. */
export function undoneBy(type: ActionType): ActionType | null {
  switch (type) {
    case 'docker.image.remove':
      return 'docker.image.restore'
    case 'docker.container.remove':
      return 'docker.container.restore'
    case 'docker.volume.remove':
      return 'docker.volume.restore'
    case 'file.remove':
      return 'file.restore'
    default:
      return null
  }
}

/**
 * What tells that a change is the same as one before. A container or a volume made anew under an old name is another
 * thing; the build cache is one, whatever lies in it at the moment.
 */
export function changeKeyOf(order: ActionOrder): string {
  switch (order.type) {
    case 'docker.buildcache.prune':
      return order.type
    case 'docker.volume.remove':
      return `${order.type} ${order.target.name} ${order.precondition.createdAt}`
    default:
      return `${order.type} ${JSON.stringify(Object.entries(order.target).sort(([a], [b]) => (a < b ? -1 : 1)))}`
  }
}

/** What an action is about, in a form that stays the same from plan to plan: `container:web`, `file:/var/log/x.1`. */
export function objectOf(order: ActionOrder): string {
  switch (order.type) {
    case 'docker.image.remove':
    case 'docker.image.restore':
      return `image:${order.target.id}`
    case 'docker.container.remove':
    case 'docker.container.restore':
      return `container:${order.target.name}`
    case 'docker.volume.remove':
    case 'docker.volume.restore':
      return `volume:${order.target.name}`
    case 'docker.buildcache.prune':
      return 'buildcache'
    case 'docker.aside.discard':
      return `${order.target.what}:${order.target.asideName}`
    case 'file.remove':
    case 'file.restore':
      return `file:${order.target.path}`
    case 'file.aside.discard':
      return `file:${order.target.asidePath}`
    case 'smart.selftest.start':
      return `drive:${order.target.serial}`
    case 'zfs.scrub.start':
      return `pool:${order.target.pool}`
    case 'md.check.start':
      return `array:${order.target.array}`
  }
}
