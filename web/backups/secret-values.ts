import { type RepositorySecret, repositoryVariables } from '../../contract/repositories.ts'

/** What is typed into the fields of a secret: the variables as lines, as they stand in a shell file. */
export interface SecretValues {
  readonly password: string
  readonly variables: string
}
export const emptySecret: SecretValues = { password: '', variables: '' }

type Variable = (typeof repositoryVariables)[number]
const isVariable = (name: string): name is Variable =>
  (repositoryVariables as readonly string[]).includes(name)

/** `export NAME="value"` lines by name, and the first line that is none. */
export function parseVariables(text: string): {
  readonly variables: RepositorySecret['variables']
  readonly wrong: string | null
} {
  const variables: Partial<Record<Variable, string>> = {}
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const found = /^(?:export\s+)?([A-Z0-9_]+)=(.+)$/.exec(line)
    const [, name = '', value = ''] = found ?? []
    // Of a wrong line only the name is told: the rest may be a secret.
    if (!found || !isVariable(name)) return { variables: {}, wrong: name || '…' }
    variables[name] = unquoted(value)
  }
  return { variables, wrong: null }
}

const unquoted = (value: string): string => /^(["'])(.*)\1$/.exec(value)?.[2] ?? value

export const isComplete = ({ password, variables }: SecretValues): boolean =>
  password !== '' && parseVariables(variables).wrong === null

export const toSecret = ({ password, variables }: SecretValues): RepositorySecret => ({
  password,
  variables: parseVariables(variables).variables,
})
