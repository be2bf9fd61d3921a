import type { Command, Option } from 'commander'
import { api } from '../../contract/api.ts'
import type { Endpoint } from '../../contract/endpoint.ts'
import { environment } from '../../server/config.ts'
import { shapeOf } from './shape.ts'

/** What the product offers, to hold against what the guides say. */
export interface Offered {
  readonly program: Command
  /** Names of `npm run`. */
  readonly scripts: ReadonlySet<string>
}

/** Variables that are not ours, or those of the command line. */
const otherVariables = new Set(['NODE_EXTRA_CA_CERTS', 'CARL_URL', 'CARL_TOKEN', 'NODE_OPTIONS'])

/** What is wrong with one command of a guide, in words; null when nothing is, or when it is no command of ours. */
export function problemOfCommand(words: readonly string[], offered: Offered): string | null {
  const assigned = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word))
  const [name = '', ...rest] = assigned < 0 ? [] : words.slice(assigned)
  const variables = words.slice(0, Math.max(assigned, 0)).map((word) => word.split('=')[0] ?? '')
  if (name === 'carl') return problemOfVariables(variables) ?? problemOfCarl(rest, offered.program)
  if (name === 'npm') return problemOfVariables(variables) ?? problemOfNpm(rest, offered)
  if (name === 'curl' || name === 'carl_api') return problemOfCall(rest)
  return null
}

function problemOfVariables(names: readonly string[]): string | null {
  const isKnown = (name: string) => name in environment.shape || otherVariables.has(name)
  const unknown = names.find((name) => !isKnown(name) && !isKnown(name.replace(/_FILE$/, '')))
  return unknown === undefined ? null : `there is no variable ${unknown}`
}

function problemOfNpm([verb = '', ...rest]: readonly string[], { scripts }: Offered): string | null {
  if (!['start', 'test', 'run'].includes(verb)) return null
  const [script = verb, ...args] = verb === 'run' ? rest : [verb, ...rest]
  if (!scripts.has(script)) return `there is no npm run ${script}`
  // Everything behind `--` would be handed to `carl start`, which takes nothing.
  return script === 'start' && args.length > 0 ? `npm start takes no ${args.join(' ')}` : null
}

function problemOfCarl(words: readonly string[], program: Command): string | null {
  let command = program
  let taken = 0
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (/^-{1,2}\w/.test(word)) {
      const [name = ''] = word.split('=')
      if (['--help', '-h', '--version', '-v'].includes(name)) continue
      const option = optionOf(command, name)
      if (!option) return `carl ${nameOf(command)} takes no ${name}`
      if ((option.required || option.optional) && !word.includes('=')) at++
      continue
    }
    const child = taken === 0 ? command.commands.find((one) => one.name() === word) : undefined
    if (child) command = child
    else if (command.commands.length > 0 && command.registeredArguments.length === 0) {
      return `there is no carl ${[nameOf(command), word].filter(Boolean).join(' ')}`
    } else taken++
  }
  const places = command.registeredArguments
  if (taken > places.length && places.at(-1)?.variadic !== true)
    return `carl ${nameOf(command)} takes no further words`
  return null
}

function optionOf(command: Command | null, name: string): Option | undefined {
  for (let one = command; one; one = one.parent) {
    const found = one.options.find(({ long, short }) => long === name || short === name)
    if (found) return found
  }
  return undefined
}

/** The words behind `carl`; none for the program itself. */
function nameOf(command: Command): string {
  const { parent } = command
  return parent === null ? '' : [nameOf(parent), command.name()].filter(Boolean).join(' ')
}

const endpoints = Object.values(api as Record<string, Record<string, Endpoint>>).flatMap((calls) =>
  Object.values(calls),
)

/** Whether a call by curl is one of the API, with the method and the names in its address. */
function problemOfCall(words: readonly string[]): string | null {
  const address = words.find((word) => word.includes('/api/v1/'))
  if (address === undefined) return null
  const [path = '', query = ''] = address.slice(address.indexOf('/api/v1/') + '/api/v1'.length).split('?')
  const given = words[words.indexOf('-X') + 1]
  const method = words.includes('-X') ? given : words.includes('-d') ? 'POST' : 'GET'
  const parts = path.split('/')
  const endpoint = endpoints.find((one) => {
    const wanted = one.path.split('/')
    return (
      one.method === method &&
      wanted.length === parts.length &&
      wanted.every((part, at) => part.startsWith(':') || part === parts[at])
    )
  })
  if (!endpoint) return `there is no call ${method} ${path}`
  const known = Object.keys((endpoint.query && shapeOf(endpoint.query).properties) ?? {})
  const unknown = [...new URLSearchParams(query).keys()].find((name) => !known.includes(name))
  return unknown === undefined ? null : `${method} ${path} takes no ${unknown}`
}
