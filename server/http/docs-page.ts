import type { Api, Endpoint } from '../../contract/endpoint.ts'
import { isDownload } from '../../contract/endpoint.ts'
import { errors } from '../../contract/errors.ts'
import { permissions } from '../../contract/permissions.ts'
import { fieldItem, fieldsWithin, nameOf, type Schema, typeOf } from './docs-fields.ts'
import { type Html, html } from './escape.ts'
import { type OpenApi, refusalsOf } from './openapi.ts'

interface Documented {
  readonly api: Api
  readonly document: OpenApi
  readonly basePath: string
}

/** What the page reads of an operation in the document. */
interface Operation {
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: Schema }[]
  readonly requestBody?: { content: Record<string, { schema: Schema }> }
  readonly responses: Record<string, { content?: Record<string, { schema: Schema }> }>
}

/** The whole API for people on one page, without scripts: every call with its fields, and every error with its fix. */
export function renderDocsPage({ api, document, basePath }: Documented): string {
  const shapes = (document.components?.schemas ?? {}) as Record<string, Schema>
  const operations = document.paths as Record<string, Record<string, Operation>>
  const features = Object.entries(api)
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API &middot; Claude Agent Runner Lite</title>
<link rel="stylesheet" href="${basePath}/api/docs.css">
</head>
<body>
<header>
<h1>Claude Agent Runner Lite</h1>
<p>API version 1 of server ${document.info.version}. Every path below starts with <code>${basePath}/api/v1</code>.
For programs: <a href="${basePath}/api/v1/openapi.json">openapi.json</a>.</p>
</header>
<nav aria-label="Features"><a href="#live">live</a>${features.map(([feature]) => html`<a href="#${feature}">${feature}</a>`)}<a
href="#shapes">shapes</a><a href="#errors">errors</a></nav>
<main>
${signIn(basePath)}
${liveSocket(basePath)}
${features.map(
  ([feature, calls]) => html`<section id="${feature}"><h2>${feature}</h2>
${Object.entries(calls).map(([call, endpoint]) =>
  callEntry(`${feature}.${call}`, endpoint, operationOf(operations, endpoint), shapes),
)}</section>
`,
)}
<section id="shapes"><h2>Shapes</h2>
${Object.entries(shapes).map(
  ([name, shape]) => html`<article id="shape-${name}"><h3>${name}</h3>${
    fieldsWithin(shape) ?? html`<p class="type">${typeOf(shape)}</p>`
  }</article>
`,
)}</section>
<section id="errors"><h2>Errors</h2>
<p>Every refusal looks like this: <code>{"error": {"code", "title", "detail", "fix", "requestId"}}</code>, with
<code>issues</code> where fields are wrong and <code>retryAt</code> where waiting helps.</p>
<dl class="errors">${Object.keys(errors).map((code) => errorEntry(code as keyof typeof errors, true))}</dl></section>
</main>
</body>
</html>
`
  return page.html
}

const signIn = (basePath: string): Html => html`<section id="sign-in"><h2>Signing in</h2>
<p>A new server prints a set-up link when it starts. Whoever has it creates the first administrator with
<code>POST ${basePath}/api/v1/setup</code>; after that, <code>POST ${basePath}/api/v1/session</code> signs in. A
one-time link that the command line printed opens in a browser as it is. Scripts send
<code>Authorization: Bearer carl_&hellip;</code> with a token made under <a href="#account">account</a>.</p></section>
`

const liveSocket = (basePath: string): Html => html`<section id="live"><h2>Live</h2>
<p>A WebSocket at <code>${basePath}/api/v1/live</code> tells sooner what can also be fetched. A browser opens it with
<code>?ticket=</code> and a ticket from <a href="#system">system</a>, a script with its token. Say
<code>{"type": "subscribe", "topic": "executions"}</code>, <code>nodes</code> or <code>findings</code> for hints about
what changed, or <code>log:</code> and the id of an execution for its log; <code>after</code> names the last number
you have. A <code>gap</code> names what was left out because you were away too long or read too slowly.</p></section>
`

function callEntry(
  name: string,
  endpoint: Endpoint,
  operation: Operation,
  shapes: Record<string, Schema>,
): Html {
  const { method, path, summary, permission, reply, status = 200 } = endpoint
  const { parameters = [], requestBody, responses } = operation
  const body = Object.values(requestBody?.content ?? {})[0]?.schema
  const result = responses[String(status)]?.content?.['application/json']?.schema
  return html`<details id="${name}">
<summary><span class="method ${method.toLowerCase()}">${method}</span> <code class="path">${breakable(path)}</code>
<span class="summary">${summary}</span></summary>
<p class="who">${whoMay(permission)}</p>
${
  parameters.length > 0 &&
  html`<h4>Parameters</h4><ul class="fields">${parameters.map((parameter) =>
    fieldItem({
      name: parameter.in === 'path' ? `:${parameter.name}` : parameter.name,
      schema: parameter.schema,
      isRequired: parameter.required === true,
    }),
  )}</ul>`
}
${body !== undefined && html`<h4>Body</h4>${described(body, shapes)}`}
<h4>Reply <span class="status">${status}</span></h4>
${isDownload(reply) ? html`<p class="type">${reply.download.join(' or ')}</p>` : result ? described(result, shapes) : null}
<h4>Refusals</h4><dl class="errors">${refusalsOf(endpoint).map((code) => errorEntry(code, false))}</dl>
</details>
`
}

/** A body or reply: its type, then its fields, also where the type has a name. */
function described(schema: Schema, shapes: Record<string, Schema>): Html {
  const name = nameOf(schema)
  const fields = fieldsWithin(name === null ? schema : (shapes[name] ?? schema))
  return html`${(name !== null || fields === null) && html`<p class="type">${typeOf(schema)}</p>`}${fields}`
}

function errorEntry(code: keyof typeof errors, isTarget: boolean): Html {
  const { status, title, fix } = errors[code]
  const term = html`<code>${code}</code> <span class="status">${status}</span>`
  return html`${isTarget ? html`<dt id="error-${code}">${term}</dt>` : html`<dt>${term}</dt>`}<dd>${title}. ${fix}</dd>`
}

function whoMay(permission: Endpoint['permission']): Html {
  if (permission === 'public') return html`Open to everybody, signed in or not.`
  const roles = permissions[permission]
  return html`For ${roles.join(', ')} <span class="status">${permission}</span>`
}

/** Lets a long path break after its slashes on a narrow screen. */
const breakable = (path: string): Html => html`${path.split(/(?<=\/)/).map((part) => html`${part}<wbr>`)}`

function operationOf(
  paths: Record<string, Record<string, Operation>>,
  { method, path }: Endpoint,
): Operation {
  const operation = paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
  if (!operation) throw new Error(`the document lacks ${method} ${path}`)
  return operation
}
