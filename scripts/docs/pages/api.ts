import { api } from '../../../contract/api.ts'
import { type Endpoint, isDownload } from '../../../contract/endpoint.ts'
import { errors } from '../../../contract/errors.ts'
import { isForTokens, permissions } from '../../../contract/permissions.ts'
import { slugOf } from '../markdown.ts'
import { kindOf, limitsOf, resolved, type Shape, shapeOf } from '../shape.ts'
import { code, listed, tableOf } from '../table.ts'

/** Every call of the API: who may, what it takes, what it refuses. */
export function apiPage(): string {
  const sections = Object.entries(api).map(([feature, calls]) => {
    const entries = Object.entries(calls as Record<string, Endpoint>).map(([, endpoint]) => callOf(endpoint))
    return `## ${spaced(feature)}\n\n${entries.join('\n\n')}`
  })
  return `# The API

All that the dashboard does goes through these calls, below \`/api/v1\` of your server. [Tokens and the
API](../guide/tokens-and-api.md) says how to begin; \`/api/docs\` on your server shows the same with every reply, and
\`/api/v1/openapi.json\` tells it to machines. Besides what a call names, each can refuse with
\`auth.required\`, \`auth.forbidden\` and \`request.invalid\`; see [every error](errors.md).

${sections.join('\n\n')}
`
}

/** \`singleSignOn\` as words. */
const spaced = (name: string): string => {
  const words = name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function callOf(endpoint: Endpoint): string {
  const { method, path, summary, errors: own = [] } = endpoint
  return [
    `### \`${method} ${path}\``,
    `${summary}.`,
    whoMay(endpoint),
    fieldsOf('In the address', endpoint.query),
    fieldsOf('In the body', endpoint.body),
    isDownload(endpoint.reply) ? `Answers with ${listed(endpoint.reply.download.map(code))}.` : '',
    own.length > 0 ? `Can refuse with ${own.map(refusal).join(', ')}.` : '',
  ]
    .filter(Boolean)
    .join('\n\n')
}

const refusal = (name: keyof typeof errors): string => `[${code(name)}](errors.md#${slugOf(name)})`

function whoMay({ permission, stepUp }: Endpoint): string {
  if (permission === 'public') return 'Anybody may, without signing in.'
  const roles = listed(permissions[permission].map((role) => `**${role}**`))
  const present = stepUp ? ' Somebody who proved to be there in the last minutes.' : ''
  const token = isForTokens(permission) && !stepUp ? '' : ' No token.'
  return `Takes the permission ${code(permission)}: ${roles}.${present}${token}`
}

function fieldsOf(where: string, schema: Endpoint['body'] | Endpoint['query']): string {
  if (!schema) return ''
  const top = shapeOf(schema)
  const alternatives = (top.oneOf ?? top.anyOf ?? [top]).map((shape) => resolved(shape, top))
  const tables = alternatives
    .filter(({ properties }) => properties && Object.keys(properties).length > 0)
    .map((shape) => fieldTable(where, shape, top))
  return tables.join('\n\n')
}

function fieldTable(where: string, { properties = {}, required = [] }: Shape, top: Shape): string {
  const rows = Object.entries(properties).map(([name, given]) => {
    const shape = resolved(given, top)
    const kind = kindOf(given, top)
    const limits = shape.enum ? '' : limitsOf(shape)
    const standing = required.includes(name) ? 'must be there' : defaultOf(shape)
    return [code(name), kind, [standing, limits].filter(Boolean).join('. ').replace(/\.\.$/, '.')]
  })
  return tableOf([where, 'Kind', ''], rows)
}

const defaultOf = (shape: Shape): string =>
  shape.default === undefined || shape.default === null
    ? ''
    : `${code(JSON.stringify(shape.default))} when left out`
