import { createAttempts, networkOf } from '../auth/attempts.ts'
import { localActor, strangerFrom } from '../auth/person.ts'
import { weaknessOf } from '../auth/strength.ts'
import { createHeldToken } from '../auth/token-text.ts'
import type { Config } from '../config.ts'
import { createHouse, type House, type HouseOverrides } from '../house.ts'
import { createSealedHttp, type Opener } from '../http/sealed.ts'
import { systemClock } from '../lib/clock.ts'
import { fail, isAppError } from '../lib/errors.ts'
import { createLogger } from '../lib/logger.ts'
import type { Secret } from '../lib/secret.ts'
import { createTurns } from '../lib/turns.ts'
import { createKeyFolder } from '../vault/keys/folder.ts'
import { openKeyFiles, sealWithPassphrase } from '../vault/keys/passphrase.ts'
import { newKey } from '../vault/keys/sources.ts'
import type { MasterKey } from '../vault/master-key.ts'
import { leaveRunFiles, removeRunFiles } from './run-files.ts'

const limitedMs = 5 * 60_000
/** A person mistypes a few times; a guesser gets no further than this, from wherever. */
const mostPerNetwork = 10
const mostOverall = 30

/**
 * Stands in the place of a house whose key is closed. It serves a page that says so, and hands over to the house, on the
 * same port, once somebody gives the passphrase. The house is built while the gate still answers, so whoever opened it
 * hears whether that worked.
 */
export async function createGate(config: Config, overrides: HouseOverrides = {}) {
  const clock = overrides.clock ?? systemClock
  const logger = overrides.logger ?? createLogger(config.logLevel)
  const folder = createKeyFolder(config.dataFolder)
  const door = createHeldToken()
  const inTurn = createTurns('an unsealing')
  const byNetwork = createAttempts({ clock, most: mostPerNetwork, withinMs: limitedMs })
  const overall = createAttempts({ clock, most: mostOverall, withinMs: limitedMs })
  const { promise: opened, resolve: open, reject: giveUp } = Promise.withResolvers<House>()
  let hasPassphrase = await hasSealedKey()
  let refused = 0
  let isOpen = false

  async function hasSealedKey(): Promise<boolean> {
    return (await folder.read()).some(({ form }) => form === 'passphrase')
  }

  /**
   * Tries a passphrase. Throws `vault.wrong_passphrase`, `vault.passphrase_weak` and `request.rate_limited`, which never
   * keeps out whoever sits at this machine.
   */
  async function unseal(passphrase: Secret, opener: Opener): Promise<void> {
    if (!opener.isLocal) {
      byNetwork.count(networkOf(opener.ip))
      overall.count('all')
    }
    await inTurn(async () => {
      if (isOpen) throw fail('vault.not_sealed')
      const keys = hasPassphrase
        ? await openKeyFiles(await folder.read(), passphrase)
        : [await choosePassphrase(passphrase, opener)]
      if (keys.length === 0) {
        refused += 1
        logger.warn({ ip: opener.ip }, 'wrong passphrase')
        throw fail('vault.wrong_passphrase')
      }
      const house = await build(keys, opener)
      isOpen = true
      open(house)
    })
  }

  async function build(keys: readonly MasterKey[], { ip, isLocal }: Opener): Promise<House> {
    try {
      const by = isLocal ? localActor : strangerFrom(ip)
      return await createHouse(config, overrides, { keys, by, refused })
    } catch (error) {
      if (isAppError(error) && error.code === 'vault.sealed') {
        refused += 1
        throw fail('vault.wrong_passphrase', {
          detail:
            'This was the passphrase before. It was being changed when the server ended: give the new one.',
        })
      }
      giveUp(error)
      throw error
    }
  }

  /** The first passphrase of a fresh server. Only whoever sits at its machine may choose it. */
  async function choosePassphrase(passphrase: Secret, { isLocal }: Opener): Promise<MasterKey> {
    if (!isLocal)
      throw fail('vault.sealed', {
        detail: 'It has no passphrase yet. Choose one with `carl unseal` on its machine.',
      })
    const weakness = weaknessOf(passphrase.reveal(), '')
    if (weakness !== null) throw fail('vault.passphrase_weak', { detail: weakness })
    const key = newKey('passphrase')
    await folder.write('passphrase', 'current', await sealWithPassphrase([key], passphrase))
    hasPassphrase = true
    return key
  }

  const http = createSealedHttp({
    config,
    hasPassphrase: () => hasPassphrase,
    isLocalToken: door.isIt,
    unseal,
    clock,
    logger,
  })

  /** Throws `config.port_taken`. */
  async function listen(): Promise<{ readonly url: string }> {
    const url = await http.listen()
    leaveRunFiles(config.dataFolder, url, door.issue())
    logger.info({ url }, 'server is sealed')
    return { url }
  }

  return {
    listen,
    /** Resolves with the house that was opened, which is not started yet; rejects when it cannot be built. */
    opened,
    close: async (): Promise<void> => {
      removeRunFiles(config.dataFolder)
      await http.close()
    },
  }
}
export type Gate = Awaited<ReturnType<typeof createGate>>
