import type { Firing, Trigger } from '../../contract/triggers.ts'
import type { Config } from '../config.ts'
import { fail } from '../lib/errors.ts'
import { toPrintable } from '../lib/printable.ts'
import { type CliClient, connectTo, findServer } from './client.ts'
import { exitCodes } from './problem.ts'

const reach = (config: Config): CliClient => connectTo(findServer(process.env, config))
const print = (line: string): void => void process.stdout.write(`${toPrintable(line)}\n`)
const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)

/** What came of an occasion, in one line. */
function told({ at, state, reason, detail, cause }: Firing): string {
  const why = detail ?? reason
  const where = [cause.nodeName, cause.title].filter(Boolean).join(': ')
  return `${at}  ${state}${why ? ` (${why})` : ''}  ${cause.kind}${where ? ` ${where}` : ''}`
}

/** `carl trigger list` */
export async function listTriggers(json: boolean, config: Config): Promise<number> {
  const { items } = await reach(config).triggers.list()
  if (json) {
    printJson(items)
    return exitCodes.ok
  }
  const width = Math.max(4, ...items.map(({ name }) => name.length))
  for (const { name, when, paused, lastStarted } of items) {
    const state = paused ? 'paused' : when.kind
    print(`${name.padEnd(width)}  ${state.padEnd(10)}  last fired: ${lastStarted?.at ?? 'never'}`)
  }
  if (items.length === 0) print('There are no triggers. Make some with `carl apply -f FILE`.')
  return exitCodes.ok
}

/** `carl trigger show NAME`: what it started and what it held back, and what did not quite fit. */
export async function showTrigger(name: string, json: boolean, config: Config): Promise<number> {
  const client = reach(config)
  const trigger = await find(client, name)
  const { items } = await client.triggers.firings({ params: { id: trigger.id }, query: { limit: 10 } })
  if (json) {
    printJson({ trigger, firings: items })
    return exitCodes.ok
  }
  const where = trigger.targets?.join(', ') ?? 'the node it happened on'
  const state = trigger.paused ? ' (paused)' : ''
  print(`${trigger.name}: on ${trigger.when.kind}, ${trigger.agentId} on ${where}${state}`)
  for (const firing of items.toReversed()) print(`  ${told(firing)}`)
  if (trigger.nearMiss) {
    const { at, field, cause } = trigger.nearMiss
    print(`  ${at}  left out by ${field}: ${cause.nodeName ?? ''} ${cause.title ?? ''}`)
  }
  return exitCodes.ok
}

/** `carl trigger pause NAME` and `resume NAME` */
export async function pauseTrigger(name: string, paused: boolean, config: Config): Promise<number> {
  const client = reach(config)
  const { id } = await find(client, name)
  await client.triggers.pause({ params: { id }, body: { paused } })
  print(paused ? `${name} is paused.` : `${name} fires again.`)
  return exitCodes.ok
}

/** `carl trigger fire NAME`: now, as the one who asks. */
export async function fireTrigger(name: string, on: readonly string[], config: Config): Promise<number> {
  const client = reach(config)
  const { id } = await find(client, name)
  const { batchId } = await client.triggers.fire({
    params: { id },
    body: on.length > 0 ? { targets: [...on] } : {},
  })
  print(`Started: ${batchId}`)
  return exitCodes.ok
}

/** `carl trigger webhook NAME`: a new address and a new key; what was shown before stops working. */
export async function renewWebhook(name: string, json: boolean, config: Config): Promise<number> {
  const connection = findServer(process.env, config)
  const client = connectTo(connection)
  const { id } = await find(client, name)
  const { path, key } = await client.triggers.renewHook({ params: { id }, body: {} })
  const address = `${connection.url}${path}`
  if (json) {
    printJson({ address, key })
    return exitCodes.ok
  }
  print(`Address: ${address}`)
  print(`Key:     ${key}`)
  print('They are shown only now. What was shown before stops working.')
  return exitCodes.ok
}

/** `carl trigger remove NAME` */
export async function removeTrigger(name: string, config: Config): Promise<number> {
  const client = reach(config)
  const { id } = await find(client, name)
  await client.triggers.remove({ params: { id } })
  print(`${name} is removed. What it ran stays.`)
  return exitCodes.ok
}

/** Throws `trigger.not_found`. */
async function find(client: CliClient, name: string): Promise<Trigger> {
  const { items } = await client.triggers.list()
  const found = items.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (!found) throw fail('trigger.not_found', { detail: `No trigger is called ${name}.` })
  return found
}
