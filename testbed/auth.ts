import { randomBytes } from 'node:crypto'
import type { UserId, SessionId } from '../contract/ids.ts'
import { createAudit } from '../server/audit/audit.ts'
import { newAuditKeys } from '../server/audit/keys.ts'
import { createAuth } from '../server/auth/auth.ts'
import type { Origin, SignedIn } from '../server/auth/sessions.ts'
import type { Actor } from '../server/lib/actor.ts'
import { createEvents } from '../server/lib/events.ts'
import { createIds } from '../server/lib/id.ts'
import { createLogger } from '../server/lib/logger.ts'
import { Secret } from '../server/lib/secret.ts'
import { createSettings } from '../server/settings/settings.ts'
import { createMasterKey } from '../server/vault/master-key.ts'
import { createVault } from '../server/vault/vault.ts'
import { testDatabase } from './database.ts'
import { createFakeClock } from './fake-clock.ts'

export const annasPassword = 'violet tram over gravel'
export const home: Origin = { ip: '192.168.1.20', userAgent: 'Firefox', replaces: null }

/** Everything about accounts, as in the real server, on a real database and a clock that stands still. */
export async function testAuth() {
  const clock = createFakeClock()
  const logger = createLogger('silent')
  const base = await testDatabase()
  const { db } = base
  const events = createEvents(logger)
  const ended: { userId: UserId; sessionId: SessionId | null }[] = []
  events.on('session.ended', 'test', (event) => void ended.push(event))
  const audit = createAudit({ db, clock, keys: newAuditKeys() })
  const settings = await createSettings({ db, audit, events, clock, logger })
  const vault = createVault({ masterKey: createMasterKey(randomBytes(32), 'generated'), db })
  /** The same accounts after the process began anew. */
  const restart = () =>
    createAuth({ db, audit, settings, events, vault, clock, newId: createIds(clock), logger })
  const auth = restart()

  /** Makes anna the first administrator. */
  async function claim(from: Partial<Origin> = {}): Promise<SignedIn> {
    const token = await auth.setupToken()
    if (!token) throw new Error('this server has an administrator already')
    return auth.claim({ token, name: 'anna', password: new Secret(annasPassword) }, { ...home, ...from })
  }

  /** Signs in by a password alone; throws when a second factor is asked for. */
  async function login(
    password = annasPassword,
    from: Partial<Origin> = {},
    name = 'anna',
  ): Promise<SignedIn> {
    const reply = await auth.signIn.login({ name, password: new Secret(password) }, { ...home, ...from })
    if (reply.kind === 'second-factor') throw new Error('a second factor is asked for')
    return reply
  }

  const identify = (sessionToken: Secret, ip = home.ip): Promise<Actor | null> =>
    auth.identify({ sessionToken: sessionToken.reveal(), bearer: null, ip })

  const identifyToken = (bearer: Secret, ip = home.ip): Promise<Actor | null> =>
    auth.identify({ sessionToken: null, bearer: bearer.reveal(), ip })

  /** Whoever signed in by this session; throws when it is over. */
  async function actorOf({ token }: SignedIn): Promise<Actor> {
    const actor = await identify(token)
    if (!actor) throw new Error('this session is over')
    return actor
  }

  return {
    auth,
    audit,
    settings,
    clock,
    db,
    /** Every `session.ended` so far. */
    ended,
    claim,
    login,
    identify,
    identifyToken,
    actorOf,
    restart,
    close: base.close,
  }
}
export type TestAuth = Awaited<ReturnType<typeof testAuth>>
