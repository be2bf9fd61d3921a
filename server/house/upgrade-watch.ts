import { createHeldToken } from '../auth/token-text.ts'
import type { Config } from '../config.ts'
import type { Upgrade } from '../db/upgrade.ts'
import { standIn } from '../http/upgrade-stand-in.ts'
import type { Logger } from '../lib/logger.ts'
import { leaveRunFiles, removeRunFiles } from './run-files.ts'

/** Shows people who come meanwhile how far an upgrade is. */
export function createUpgradeWatch(config: Config, logger: Logger) {
  return async function watch({ from, to, steps }: Pick<Upgrade, 'from' | 'to' | 'steps'>) {
    const { host, port, apiPort, basePath, trustedProxies } = config
    const address = { host, port, apiPort, basePath, trustedProxies }
    const page = await standIn(address, { from, to, at: 0, of: steps.length }, logger)
    // So that the commands on this machine hear of it as well. Its token opens nothing.
    if (page.url !== null) leaveRunFiles(config.dataFolder, page.url, createHeldToken().issue())
    return {
      tell: (place: { at: number; of: number }) => page.tell({ from, to, ...place }),
      end: async () => {
        if (page.url !== null) removeRunFiles(config.dataFolder)
        await page.end()
      },
    }
  }
}
