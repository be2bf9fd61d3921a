import { api } from '../contract/api.ts'
import type { Api } from '../contract/endpoint.ts'
import type { ErrorCode } from '../contract/errors.ts'
import type { SessionId, UserId } from '../contract/ids.ts'
import { type Role, roles } from '../contract/permissions.ts'
import { createHttp, type HttpConfig } from '../server/http.ts'
import type { Claim, Identify } from '../server/http/caller.ts'
import type { AnyHandlers } from '../server/http/mount.ts'
import { createOpenApi } from '../server/http/openapi.ts'
import type { LiveDoor } from '../server/http/upgrade.ts'
import type { Actor } from '../server/lib/actor.ts'
import { type Clock, systemClock } from '../server/lib/clock.ts'
import { fail } from '../server/lib/errors.ts'
import { createLogger, type Logger } from '../server/lib/logger.ts'

/** Three people, one of each role. Their cookies are `session-<role>`, their tokens `carl_<role>`. */
export const people: Readonly<Record<Role, Actor>> = Object.fromEntries(
  roles.map((role, at) => [
    role,
    {
      name: `user:${role}`,
      role,
      userId: `usr_0000000000000000000000000${at}` as UserId,
      sessionId: `ses_0000000000000000000000000${at}` as SessionId,
      ip: '127.0.0.1',
      scopes: null,
      isPresent: true,
      mustAddFactor: false,
    },
  ]),
) as Record<Role, Actor>

export async function identifyPeople({ sessionToken, bearer }: Claim): Promise<Actor | null> {
  const byToken = roles.find((one) => bearer === `carl_${one}`)
  if (byToken) return { ...people[byToken], sessionId: null, isPresent: false }
  const bySession = roles.find((one) => sessionToken === `session-${one}`)
  return bySession ? people[bySession] : null
}

/** A handler for every call that throws, so that a test sees when one is reached; `given` replaces some of them. */
export function standInHandlers(given: AnyHandlers = {}, of: Api = api): AnyHandlers {
  return Object.fromEntries(
    Object.entries(of).map(([feature, calls]) => [
      feature,
      Object.fromEntries(
        Object.keys(calls).map((call) => [
          call,
          given[feature]?.[call] ??
            (() => {
              throw new Error(`${feature}.${call} was reached`)
            }),
        ]),
      ),
    ]),
  )
}

/** A handler that refuses with a code. */
export const refuses = (code: ErrorCode) => () => {
  throw fail(code)
}

interface StandIn {
  readonly config?: Partial<HttpConfig>
  readonly handlers?: AnyHandlers
  readonly api?: Api
  readonly live?: LiveDoor | null
  readonly identify?: Identify
  readonly isReady?: () => boolean
  /** Folder of a built dashboard. */
  readonly dashboard?: string
  readonly clock?: Clock
  readonly logger?: Logger
}

/** The HTTP edge alone, on a free port of this machine, with stand-in handlers. */
export function httpServer(standIn: StandIn = {}) {
  const config = {
    host: '127.0.0.1',
    port: 0,
    apiPort: null,
    basePath: '',
    trustedProxies: [],
    proxyHeaders: null,
    ...standIn.config,
  }
  const ofApi = standIn.api ?? api
  return createHttp({
    config,
    api: ofApi,
    handlers: standInHandlers(standIn.handlers, ofApi),
    document: async () => createOpenApi({ api: ofApi, basePath: config.basePath, version: '0.0.0' }),
    identify: standIn.identify ?? identifyPeople,
    isReady: standIn.isReady ?? (() => true),
    dashboard: standIn.dashboard ?? null,
    live: standIn.live ?? null,
    clock: standIn.clock ?? systemClock,
    logger: standIn.logger ?? createLogger('silent'),
  })
}
