import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { type Api, type Endpoint, isDownload } from '../../contract/endpoint.ts'
import { type ErrorCode, errorReply, errors } from '../../contract/errors.ts'

interface Described {
  readonly api: Api
  /** Without a slash at the end; empty at the root. */
  readonly basePath: string
  readonly version: string
}

export type OpenApi = ReturnType<typeof createDocument>

/** The description of the API, OpenAPI 3.1, from the contract alone. Schemas with an id become components. */
export function createOpenApi({ api, basePath, version }: Described): OpenApi {
  const paths: ZodOpenApiPathsObject = {}
  for (const [feature, calls] of Object.entries(api)) {
    for (const [call, endpoint] of Object.entries(calls)) {
      const path = endpoint.path.replace(/:(\w+)/g, '{$1}')
      paths[path] = {
        ...paths[path],
        [endpoint.method.toLowerCase()]: toOperation(feature, call, endpoint),
      }
    }
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Claude Agent Runner Lite',
      version,
      description:
        'Every error has the same shape and carries a code, what is wrong, and what to do about it.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: `${basePath}/api/v1` }],
    security: [{ session: [] }, { token: [] }],
    tags: Object.keys(api).map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'carl',
          description:
            'Set by signing in. Over HTTPS its name is `__Host-carl`, below a base path `__Secure-carl`.',
        },
        token: { type: 'http', scheme: 'bearer', description: 'A token made under Account → Tokens.' },
      },
    },
  })
}

function toOperation(feature: string, call: string, endpoint: Endpoint): ZodOpenApiOperationObject {
  const { summary, permission, params, query, body, accepts, reply, status = 200 } = endpoint
  return {
    operationId: `${feature}.${call}`,
    summary,
    tags: [feature],
    'x-permission': permission,
    ...(permission === 'public' && { security: [] }),
    ...((params || query) && { requestParams: { ...(params && { path: params }), ...(query && { query }) } }),
    ...(body && { requestBody: { required: true, content: { [mediaTypeOf(accepts)]: { schema: body } } } }),
    responses: {
      [String(status)]: {
        description: 'Done',
        ...(status !== 204 && {
          content: isDownload(reply)
            ? Object.fromEntries(
                reply.download.map((type) => [type, { schema: { type: 'string' as const } }]),
              )
            : { 'application/json': { schema: reply } },
        }),
      },
      ...errorResponses(refusalsOf(endpoint)),
    },
  }
}

const mediaTypeOf = (accepts: Endpoint['accepts']): string =>
  accepts === 'form'
    ? 'application/x-www-form-urlencoded'
    : accepts === 'bytes'
      ? 'application/octet-stream'
      : 'application/json'

/** Every code that a call can refuse with: its own, and those that come with how it is made. */
export function refusalsOf({ method, permission, errors: own = [], body }: Endpoint): ErrorCode[] {
  return [
    ...new Set<ErrorCode>([
      ...own,
      ...(permission === 'public' ? [] : (['auth.required', 'auth.forbidden'] as const)),
      'request.invalid',
      ...(method === 'GET' ? [] : (['request.cross_site', 'request.unsupported_media_type'] as const)),
      ...(body ? (['request.malformed', 'request.too_large'] as const) : []),
    ]),
  ]
}

/** One response per status, since several codes can share one. */
function errorResponses(codes: readonly ErrorCode[]) {
  const byStatus = Map.groupBy(codes, (code) => String(errors[code].status))
  return Object.fromEntries(
    [...byStatus].map(([status, those]) => [
      status,
      {
        description: those.map((code) => `\`${code}\`: ${errors[code].title}.`).join(' '),
        content: { 'application/json': { schema: errorReply } },
      },
    ]),
  )
}
