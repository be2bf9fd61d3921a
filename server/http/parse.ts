import * as z from 'zod'
import type { Endpoint } from '../../contract/endpoint.ts'
import type { Issue } from '../../contract/errors.ts'
import { fail } from '../lib/errors.ts'

interface RawRequest {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

/** More than this nobody reads, and a hostile body could make any number. */
const maxIssues = 100

/**
 * The parser of one endpoint. Every part is strict: a filter with a typing error must be refused, for if it were
 * ignored the caller would take the whole list for the filtered one. Throws `request.invalid` naming each field.
 */
export function createRequestParser(endpoint: Endpoint) {
  // Most endpoints are never asked between two starts, and a thousand schemas are a megabyte.
  let parts: ReturnType<typeof strictParts> | undefined

  return function parseRequest(raw: RawRequest): Record<keyof RawRequest, unknown> {
    parts ??= strictParts(endpoint)
    const parsed = {
      params: parts.params.safeParse(raw.params ?? {}),
      query: parts.query.safeParse(raw.query ?? {}),
      body: parts.body.safeParse(raw.body),
    }
    const issues = Object.values(parsed).flatMap(({ error }) => (error?.issues ?? []).flatMap(toIssues))
    if (issues.length > 0) {
      throw fail('request.invalid', {
        detail: issues
          .slice(0, 3)
          .map(({ path, message }) => (path ? `${path}: ${message}` : message))
          .join('; '),
        issues: issues.slice(0, maxIssues),
      })
    }
    return { params: parsed.params.data, query: parsed.query.data, body: parsed.body.data }
  }
}

const nothing = z.strictObject({})

const strictParts = ({ params, query, body }: Endpoint) => ({
  params: params?.strict() ?? nothing,
  query: query?.strict() ?? nothing,
  body: body ?? nothing.optional(),
})

/** An unknown field is named itself, so that a form can show the words beside it. */
function toIssues(issue: z.core.$ZodIssue): Issue[] {
  const path = issue.path.map(String)
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }]
  return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'Unknown field' }))
}
