import { createRequire } from 'node:module'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { parse as parseYaml } from 'yaml'
import { type AgentManifest, agentManifest } from '../../contract/agent-manifest.ts'
import type { Issue } from '../../contract/errors.ts'
import { fail, toMessage } from '../lib/errors.ts'
import { once } from '../lib/once.ts'

const load = createRequire(import.meta.url)

// Defaults are filled in by the same pass that validates, so that form, server and agent agree on them.
// It is loaded with the first options that are checked, which a server at rest never has.
const ajv = once(
  () => new (load('ajv') as typeof import('ajv')).Ajv({ allErrors: true, useDefaults: true, strict: false }),
)

/** Reads `agent.yaml`. Throws `agent.manifest_invalid` naming each wrong field. */
export function parseManifest(text: string): AgentManifest {
  let document: unknown
  try {
    document = parseYaml(text)
  } catch (error) {
    throw fail('agent.manifest_invalid', { detail: toMessage(error), cause: error })
  }
  const parsed = agentManifest.safeParse(document)
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
    throw fail('agent.manifest_invalid', { detail: toDetail(issues), issues })
  }
  return parsed.data
}

type OptionsCheck = (given: Record<string, unknown>) => Record<string, unknown>

/**
 * Makes the check for an agent's options: fills in defaults, or throws `agent.options_invalid` with the fields. Throws
 * `agent.manifest_invalid` when the schema is none, or refuses its own defaults.
 */
export function createOptionsCheck(manifest: AgentManifest): OptionsCheck {
  const validate = compile(manifest)
  if (!validate({})) {
    // An option without a default may be required; every other refusal is about a default.
    const wrong = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'required').map(toIssue)
    if (wrong.length > 0) {
      throw fail('agent.manifest_invalid', {
        detail: `a default is refused: ${toDetail(wrong)}`,
        issues: wrong,
      })
    }
  }
  return function checkOptions(given: Record<string, unknown>): Record<string, unknown> {
    const options = structuredClone(given)
    if (validate(options)) return options
    const issues = (validate.errors ?? []).map(toIssue)
    throw fail('agent.options_invalid', { detail: toDetail(issues), issues })
  }
}

function compile(manifest: AgentManifest): ValidateFunction {
  try {
    return ajv().compile(manifest.options)
  } catch (error) {
    throw fail('agent.manifest_invalid', { detail: `options: ${toMessage(error)}`, cause: error })
  }
}

/** A refusal of the schema at the place a form can show it: the option itself, also when it is missing or unknown. */
function toIssue({ instancePath, keyword, params, message }: ErrorObject): Issue {
  const at = `options${instancePath.replaceAll('/', '.')}`
  switch (keyword) {
    case 'additionalProperties':
      return { path: `${at}.${String(params.additionalProperty)}`, message: 'not an option of this agent' }
    case 'required':
      return { path: `${at}.${String(params.missingProperty)}`, message: 'missing, and has no default' }
    case 'enum':
      return { path: at, message: `must be one of ${(params.allowedValues as unknown[]).join(', ')}` }
    default:
      return { path: at, message: message ?? 'not valid' }
  }
}

const toDetail = (issues: readonly Issue[]): string =>
  issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
