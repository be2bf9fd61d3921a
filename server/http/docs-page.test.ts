import * as z from 'zod'
import { expect, test } from 'vitest'
import { api } from '../../contract/api.ts'
import { defineApi } from '../../contract/endpoint.ts'
import { errors } from '../../contract/errors.ts'
import { renderDocsPage } from './docs-page.ts'
import { createOpenApi } from './openapi.ts'

const render = (of: typeof api | ReturnType<typeof withText>) =>
  renderDocsPage({
    api: of,
    document: createOpenApi({ api: of, basePath: '', version: '1.2.3' }),
    basePath: '',
  })

function withText(text: string) {
  return defineApi({
    odd: {
      read: {
        method: 'GET',
        path: '/odd',
        summary: text,
        permission: 'public',
        reply: z.object({ [text]: z.string().describe(text), kind: z.literal(text) }),
      },
    },
  })
}

test('every call and every error is on the page', () => {
  const page = render(api)
  for (const [feature, calls] of Object.entries(api)) {
    for (const [call, { summary }] of Object.entries(calls)) {
      expect(page).toContain(`id="${feature}.${call}"`)
      expect(page).toContain(summary.replaceAll("'", '&#39;'))
    }
  }
  for (const code of Object.keys(errors)) expect(page).toContain(`id="error-${code}"`)
})

test('fields are shown with type, limits and what is optional', () => {
  const page = render(api)
  const call = page.slice(page.indexOf('id="nodes.create"'), page.indexOf('id="nodes.change"'))
  expect(call).toContain(
    '<code class="name">port</code> <span class="type">integer</span> <span class="optional">optional</span> <span class="limits">1 to 65535 · default 22</span>',
  )
  expect(call).toContain('<a href="#shape-HostKey">HostKey</a>')
  expect(call).toContain('<code>node.name_taken</code>')
  expect(call).toContain('For admin')
})

test('text from the contract stays text', () => {
  const page = render(withText('<img src=x onerror="alert(1)">'))
  expect(page).not.toContain('<img')
  expect(page).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;')
})
