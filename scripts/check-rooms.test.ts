import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { checkRooms } from './check-rooms.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const manifest = {
  dependencies: {
    zod: '1',
    undici: '1',
    ssh2: '1',
    fastify: '1',
    '@fastify/cookie': '1',
    ws: '1',
    pino: '1',
  },
  devDependencies: { vitest: '1', react: '1' },
}

/** What is found in a repository that holds just these files. */
function violationsOf(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'rooms-'))
  folders.push(root)
  for (const [path, source] of Object.entries({ 'package.json': JSON.stringify(manifest), ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), source)
  }
  return checkRooms(root).violations
}

describe('the check of rooms and floors', () => {
  test.each([
    ['contract/a.ts', "import { z } from 'pino'", 'contract/ imports zod and no other package'],
    ['contract/a.ts', "import { readFileSync } from 'node:fs'", 'runs in the browser too'],
    ['contract/a.ts', "import '../server/lib/id.ts'", 'nothing of server/'],
    ['contract/a.test.ts', "import '../server/lib/id.ts'", 'nothing of server/'],
    ['web/a.tsx', "import '../server/lib/id.ts'", 'nothing of server/'],
    ['web/a.tsx', "import type { A } from '../server/lib/id.ts'", 'nothing of server/'],
    ['web/a.tsx', "import 'pino'", 'pino belongs to the server'],
    ['web/a.tsx', "import 'node:fs'", 'runs in the browser too'],
    ['web/ui/a.tsx', "import '../nodes/page.tsx'", 'ui is below nodes'],
    ['web/lib/a.ts', "import '../main.tsx'", 'web/main.tsx stands on top'],
    ['web/cellar/a.ts', "import '../lib/api.ts'", 'the floor cellar has no place yet'],
    ['web/main.tsx', "import './attic/a.ts'", 'the floor attic has no place yet'],
    ['server/lib/a.ts', "import '../db/open.ts'", 'lib is below db'],
    ['server/ssh/a.ts', "import type { N } from '../nodes/nodes.ts'", 'ssh is below nodes'],
    ['server/ssh/a.ts', "export { n } from '../nodes/nodes.ts'", 'ssh is below nodes'],
    ['server/ssh/a.ts', "export * from '../nodes/nodes.ts'", 'ssh is below nodes'],
    ['server/ssh/a.ts', "const n = await import('../nodes/nodes.ts')", 'ssh is below nodes'],
    ['server/ssh/a.ts', "type N = import('../nodes/nodes.ts').N", 'ssh is below nodes'],
    ['server/ssh/a.test.ts', "import '../nodes/nodes.ts'", 'ssh is below nodes'],
    ['server/nodes/a.ts', "import '../http-static.ts'", 'nodes is below http'],
    ['server/executions/a.ts', "import '../nodes/store.ts'", 'the store of nodes is private'],
    ['server/cellar/a.ts', "import '../lib/id.ts'", 'the floor cellar has no place yet'],
    ['server/house.ts', "import './attic/a.ts'", 'the floor attic has no place yet'],
    ['server/lib/a.ts', "import '../../scripts/build.ts'", 'nothing of scripts/'],
    ['server/lib/a.ts', "import '../../testbed/fake-clock.ts'", 'nothing of testbed/'],
    ['server/lib/a.ts', "import './b.test.ts'", 'product code does not import tests'],
    ['server/lib/a.ts', "import 'vitest'", 'a development dependency'],
    ['server/lib/a.ts', "import 'left-pad'", 'left-pad is not in package.json'],
    ['server/lib/a.ts', "import 'fs/promises'", 'write node:fs/promises'],
    ['server/lib/a.ts', "import '../../../elsewhere.ts'", 'out of the repository'],
    ['server/nodes/a.ts', "import 'ssh2'", 'ssh2 is not known here'],
    ['server/nodes/a.ts', "import '@fastify/cookie'", '@fastify/cookie is not known here'],
    ['server/nodes/a.ts', "import 'ws'", 'ws is not known here'],
    ['server/nodes/a.ts', "import 'undici'", 'undici is not known here; send it by server/outgoing/'],
    ['server/auth/a.ts', "import { request } from 'node:https'", 'node:https is not known here; send it by'],
    ['server/ssh/a.ts', "import { get } from 'node:http'", 'node:http is not known here; import its types'],
    ['server/http/a.ts', "import { STATUS_CODES } from 'node:http'", 'node:http is not known here'],
    ['server/reports/a.ts', "import { isIP, connect } from 'node:net'", 'node:net is not known here'],
    ['server/reports/a.ts', "import * as net from 'node:net'", 'node:net is not known here'],
    ['server/reports/a.ts', "const { connect } = await import('node:net')", 'node:net is not known here'],
    [
      'server/executions/a.ts',
      "import { lookup } from 'node:dns/promises'",
      'node:dns/promises is not known here',
    ],
    ['scripts/a.ts', "import '../web/main.tsx'", 'nothing imports it'],
    ['server/ssh/a.ts', "spawn('ls', [], { shell: true })", 'asks for a shell'],
    ['server/ssh/a.ts', "spawn('ls', [], { 'shell': '/bin/bash' })", 'asks for a shell'],
  ])('%s with %s is refused', (path, source, why) => {
    const found = violationsOf({ [path]: `// first line\n${source}\n` })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(`${path}:2 `)
    expect(found[0]).toContain(why)
  })

  test.each([
    ['contract/a.ts', "import * as z from 'zod'; import './b.ts'"],
    ['contract/a.test.ts', "import 'vitest'; import 'node:fs'; import '../testbed/fake-clock.ts'"],
    ['web/a.tsx', "import 'react'; import 'zod'; import '../contract/a.ts'"],
    [
      'server/nodes/nodes.ts',
      "import '../ssh/pool.ts'; import '../lib/id.ts'; import './store.ts'; import 'node:fs'",
    ],
    ['server/nodes/a.test.ts', "import 'vitest'; import '../../testbed/sshd.ts'; import '../vault/store.ts'"],
    ['server/house.ts', "import './nodes/store.ts'; import './http-static.ts'; import './http/errors.ts'"],
    ['web/nodes/a.tsx', "import '../ui/button.tsx'; import '../messages/en/nodes.ts'; import './b.tsx'"],
    ['web/lib/messages.ts', "import '../messages/en/index.ts'"],
    ['web/ui/a.stories.tsx', "import '../fixtures.ts'"],
    ['web/main.tsx', "import './router.tsx'; import './lib/query.ts'"],
    ['server/version.ts', "import manifest from '../package.json' with { type: 'json' }"],
    ['server/ssh/builtin.ts', "import 'ssh2'"],
    ['server/http-static.ts', "import 'fastify'; import '@fastify/cookie'; import './version.ts'"],
    ['server/ssh/a.ts', 'const platform = { shell: answer.shell, login: { shell: null } }'],
    ['testbed/a.ts', "import '../server/lib/id.ts'; import '../contract/a.ts'; import 'ws'"],
    ['server/outgoing/send.ts', "import 'undici'; import 'node:net'; import 'node:dns/promises'"],
    ['server/ssh/socket.ts', "import 'node:net'"],
    ['server/auth/a.ts', "import { isIP, BlockList } from 'node:net'"],
    ['server/http/upgrade.ts', "import type { IncomingMessage } from 'node:http'"],
    ['scripts/a.mjs', "import 'node:fs'; import 'node:https'"],
  ])('%s with %s is fine', (path, source) => {
    expect(violationsOf({ [path]: source })).toEqual([])
  })

  test('every violation is named, not only the first', () => {
    expect(
      violationsOf({
        'contract/a.ts': "import 'pino'\nimport 'node:fs'",
        'web/b.ts': "import '../server/a.ts'",
      }),
    ).toEqual([
      expect.stringContaining('contract/a.ts:1 imports pino'),
      expect.stringContaining('contract/a.ts:2 imports node:fs'),
      expect.stringContaining('web/b.ts:1 imports ../server/a.ts'),
    ])
  })

  test('a file that cannot be read as a program is not passed over', () => {
    expect(() => violationsOf({ 'server/a.ts': 'import {' })).toThrow('server/a.ts')
  })
})
