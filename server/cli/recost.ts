import { styleText } from 'node:util'
import type { Config } from '../config.ts'
import { connectTo, findServer } from './client.ts'
import { toMoneyText } from './money.ts'
import { exitCodes } from './problem.ts'

/** `carl recost`: lets the server compute every call anew with the prices as they are now. */
export async function recost(json: boolean, config: Config): Promise<number> {
  const result = await connectTo(findServer(process.env, config)).costs.recost({})
  if (json) {
    process.stdout.write(`${JSON.stringify(result)}\n`)
    return exitCodes.ok
  }
  const { looked, changed, beforeNanoUsd, afterNanoUsd } = result
  const amounts =
    changed === 0 ? '' : `, ${toMoneyText(beforeNanoUsd)} before, ${toMoneyText(afterNanoUsd)} now`
  const count = `${looked.toLocaleString('en')} ${looked === 1 ? 'call' : 'calls'}`
  process.stdout.write(`${styleText('green', '✓')} ${count} computed anew, ${changed} changed${amounts}.\n`)
  return exitCodes.ok
}
