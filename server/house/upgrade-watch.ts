import type { Config } from '../config.ts'
import type { Upgrade } from '../db/upgrade.ts'
import { standIn } from '../http/upgrade-stand-in.ts'
import type { Logger } from '../lib/logger.ts'

/** Shows people who come meanwhile how far an upgrade is. */
export function createUpgradeWatch(config: Config, logger: Logger) {
  return async function watch({ from, to, steps }: Pick<Upgrade, 'from' | 'to' | 'steps'>) {
    const { host, port, apiPort, basePath, trustedProxies } = config
    const address = { host, port, apiPort, basePath, trustedProxies }
    const page = await standIn(address, { from, to, at: 0, of: steps.length }, logger)
    return {
      tell: (place: { at: number; of: number }) => page.tell({ from, to, ...place }),
      end: page.end,
    }
  }
}
