import { Ajv, type ValidateFunction } from 'ajv'
import { parse as parseYaml } from 'yaml'
import { type AgentManifest, agentManifest } from '../../contract/agent-manifest.ts'
import { fail, toMessage } from '../lib/errors.ts'

// Defaults are filled in by the same pass that validates, so that form, server and agent agree on them.
const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false })

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
    throw fail('agent.manifest_invalid', {
      detail: issues.map(({ path, message }) => `${path}: ${message}`).join('; '),
      issues,
    })
  }
  return parsed.data
}

/** Makes the check for an agent's options: fills in defaults, or throws `agent.options_invalid` with the fields. */
export function createOptionsCheck(manifest: AgentManifest) {
  let validate: ValidateFunction
  try {
    validate = ajv.compile(manifest.options)
  } catch (error) {
    throw fail('agent.manifest_invalid', { detail: `options: ${toMessage(error)}`, cause: error })
  }
  return function checkOptions(given: Record<string, unknown>): Record<string, unknown> {
    const options = structuredClone(given)
    if (validate(options)) return options
    const issues = (validate.errors ?? []).map((error) => ({
      path: `options${error.instancePath.replaceAll('/', '.')}`,
      message:
        error.keyword === 'additionalProperties'
          ? unknownOption(error.params)
          : (error.message ?? 'not valid'),
    }))
    throw fail('agent.options_invalid', {
      detail: issues.map(({ path, message }) => `${path}: ${message}`).join('; '),
      issues,
    })
  }
}

function unknownOption(params: Record<string, unknown>): string {
  return `${String(params.additionalProperty)} is not an option of this agent`
}
