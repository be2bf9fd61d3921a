import type { Schedule } from '../../contract/schedules.ts'
import type { Config } from '../config.ts'
import { fail } from '../lib/errors.ts'
import { toPrintable } from '../lib/printable.ts'
import { type CliClient, connectTo, findServer } from './client.ts'
import { exitCodes } from './problem.ts'

const reach = (config: Config): CliClient => connectTo(findServer(process.env, config))
const print = (line: string): void => void process.stdout.write(`${toPrintable(line)}\n`)
const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)

/** `carl export NAME` and `carl export --schedules`: prints schedules as YAML as they were written, addresses included. */
export async function exportSchedules(name: string | undefined, config: Config): Promise<number> {
  const client = reach(config)
  const id = name === undefined ? undefined : (await find(client, name)).id
  process.stdout.write(await client.schedules.export({ query: { id } }))
  return exitCodes.ok
}

/** `carl schedule list` */
export async function listSchedules(json: boolean, config: Config): Promise<number> {
  const items = await all(reach(config))
  if (json) {
    printJson(items)
    return exitCodes.ok
  }
  const width = Math.max(4, ...items.map(({ name }) => name.length))
  for (const { name, standing, nextAt, last } of items) {
    const when = nextAt === null ? standing : `next ${nextAt}`
    print(`${name.padEnd(width)}  ${when.padEnd(29)}  last: ${last ? `${last.state} ${last.at}` : 'never'}`)
  }
  if (items.length === 0) print('There are no schedules. Make some with `carl apply -f FILE`.')
  return exitCodes.ok
}

/** `carl schedule show NAME`: what became of its last occurrences, and the next ones. */
export async function showSchedule(name: string, json: boolean, config: Config): Promise<number> {
  const client = reach(config)
  const schedule = await find(client, name)
  const params = { id: schedule.id }
  const [past, coming] = await Promise.all([
    client.schedules.occurrences({ params, query: { limit: 10 } }),
    client.schedules.coming({ params, query: { limit: 5 } }),
  ])
  if (json) {
    printJson({ schedule, past: past.items, coming })
    return exitCodes.ok
  }
  print(`${schedule.name}: ${schedule.agentId} on ${schedule.targets.join(', ')} (${schedule.standing})`)
  for (const { at, state, reason, detail } of past.items.toReversed()) {
    print(`  ${at}  ${state}${reason ? ` (${reason})` : ''}${detail ? `: ${detail}` : ''}`)
  }
  for (const { at, wall, shift } of coming.next) {
    print(`  ${at}  to come, ${wall.replace('T', ' ')} ${schedule.zone}${shift ? ` (${shift})` : ''}`)
  }
  if (coming.clockChange) {
    const { at, byMinutes } = coming.clockChange
    print(`  The clock of ${schedule.zone} changes by ${byMinutes} minutes at ${at}.`)
  }
  return exitCodes.ok
}

/** `carl schedule pause NAME` and `resume NAME` */
export async function pauseSchedule(name: string, paused: boolean, config: Config): Promise<number> {
  const client = reach(config)
  const { id } = await find(client, name)
  const { nextAt } = await client.schedules.change({ params: { id }, body: { paused } })
  print(paused ? `${name} is paused.` : `${name} runs again${nextAt ? `, next at ${nextAt}` : ''}.`)
  return exitCodes.ok
}

/** `carl schedule run NAME`: now, besides its times. */
export async function runSchedule(name: string, config: Config): Promise<number> {
  const client = reach(config)
  const { id } = await find(client, name)
  const { batchId } = await client.schedules.run({ params: { id } })
  print(`Started: ${batchId}`)
  return exitCodes.ok
}

/** `carl schedule remove NAME` */
export async function removeSchedule(name: string, config: Config): Promise<number> {
  const client = reach(config)
  const { id } = await find(client, name)
  await client.schedules.remove({ params: { id } })
  print(`${name} is removed. What it ran stays.`)
  return exitCodes.ok
}

/** Throws `schedule.not_found`. */
async function find(client: CliClient, name: string): Promise<Schedule> {
  const { items } = await client.schedules.list({ query: { search: name, limit: 200 } })
  const found = items.find((one) => one.name.toLowerCase() === name.toLowerCase())
  if (!found) throw fail('schedule.not_found', { detail: `No schedule is called ${name}.` })
  return found
}

async function all(client: CliClient): Promise<Schedule[]> {
  const items: Schedule[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await client.schedules.list({ query: { limit: 200, ...(cursor && { cursor }) } })
    items.push(...page.items)
    cursor = page.nextCursor
  }
  return items
}
