import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { environment } from '../server/config.ts'

const root = resolve(import.meta.dirname, '..')
const deploy = join(root, 'deploy')
const read = (name: string) => readFileSync(join(deploy, name), 'utf8')

let work: string
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'carl-deploy-'))
})
afterEach(() => rmSync(work, { recursive: true, force: true }))

describe('the compose files', () => {
  test('the published one has at most twelve lines, needs nothing, and names no moving tag', () => {
    const text = read('compose.yaml')
    expect(text.trim().split('\n').length).toBeLessThanOrEqual(12)
    const { carl } = parse(text).services
    expect(carl.environment).toBeUndefined()
    expect(carl.volumes).toEqual(['./data:/app/data'])
    expect(carl.image).toMatch(/:\d+\.\d+$/)
  })

  test('the hardened one closes what can be closed', () => {
    const { carl } = parse(read('compose.hardened.yaml')).services
    expect(carl).toMatchObject({ user: '1000:1000', read_only: true, cap_drop: ['ALL'] })
    expect(carl.security_opt).toContain('no-new-privileges:true')
    expect(JSON.stringify(carl)).not.toContain('docker.sock')
    for (const name of Object.keys(carl.environment)) expect(Object.keys(environment.shape)).toContain(name)
  })

  test.each(['compose.yaml', 'compose.hardened.yaml', 'truenas.yaml', 'unraid.xml', 'install.sh'])(
    '%s keeps data where the image has it',
    (name) => {
      expect(read('Dockerfile')).toContain('DATA_DIR=/app/data')
      expect(read(name)).toContain('/app/data')
      expect(read(name)).not.toContain(':latest')
    },
  )
})

describe('the image', () => {
  test('is built by steps that name no platform', () => {
    const steps = read('Dockerfile')
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .join('\n')
    expect(steps).not.toMatch(/amd64|arm64|aarch64|x86|x64|TARGETARCH|--platform|gcc|make |node-gyp/)
  })

  describe('takes what is native ready-made, for either platform and either C library', () => {
    interface Locked {
      readonly dev?: boolean
      readonly cpu?: string[]
      readonly os?: string[]
      readonly libc?: string[]
      readonly integrity?: string
      readonly hasInstallScript?: boolean
    }
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, Locked>
    }
    const shipped = Object.entries(lock.packages).filter(([, { dev }]) => !dev)
    const everywhere = ['arm64 glibc', 'arm64 musl', 'x64 glibc', 'x64 musl']

    test('as a package for each, which the lock file holds', () => {
      const native = shipped.filter(([, { os }]) => os?.includes('linux'))
      const families = Map.groupBy(native, ([name]) => name.replace(/-linux-.*/, ''))
      expect(families.size).toBeGreaterThan(0)
      for (const [family, members] of families) {
        const targets = members.flatMap(([, { cpu = [], libc = [], integrity }]) =>
          integrity ? [`${cpu} ${libc}`] : [],
        )
        expect({ family, targets }).toEqual({ family, targets: expect.arrayContaining(everywhere) })
      }
    })

    test('or in one package for all', () => {
      const machines = everywhere.map((target) => {
        const [cpu, libc] = target.split(' ')
        const file = `linux${libc === 'musl' ? 'musl' : ''}-${cpu}.node`
        // The machine of an ELF file stands at byte 18: 183 is arm64, 62 is x64.
        const machine = readFileSync(join(root, 'node_modules/better-sqlite3/prebuilds', file)).readUInt16LE(
          18,
        )
        return [target, machine]
      })
      expect(machines).toEqual(everywhere.map((target) => [target, target.startsWith('arm64') ? 183 : 62]))
    })

    test('and builds nothing: what would build something works without it', () => {
      const builds = shipped.filter(([, { hasInstallScript }]) => hasInstallScript).map(([name]) => name)
      // Both only make SSH a little quicker, and are left out by --ignore-scripts.
      expect(builds).toEqual(['node_modules/cpu-features', 'node_modules/ssh2'])
      expect(read('Dockerfile').match(/npm ci .*--ignore-scripts/g)).toHaveLength(2)
    })
  })

  test('brings its bill of materials', () => {
    expect(read('Dockerfile')).toMatch(/npm sbom .*--sbom-format=cyclonedx/)
  })
})

test('every variable of the Unraid template is one that the server or the image knows', () => {
  const known = [...Object.keys(environment.shape), 'PUID', 'PGID']
  const names = [...read('unraid.xml').matchAll(/Target="([A-Z_]+)"/g)].map(([, name]) => name)
  expect(names.length).toBeGreaterThan(3)
  for (const name of names) expect(known).toContain(name)
  expect(read('unraid.xml')).toMatch(/Target="ADMIN_PASSWORD"[^>]*Mask="true"/)
})

describe('the installer', () => {
  const script = join(deploy, 'install.sh')
  const run = (args: readonly string[], path = process.env.PATH) =>
    spawnSync('/bin/sh', [script, ...args], {
      encoding: 'utf8',
      env: { ...process.env, PATH: path, HOME: work },
    })

  test('says nothing that shellcheck would mend', () => {
    const { status, stdout } = spawnSync('shellcheck', [script], { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  test('shows what it would do and does nothing', () => {
    const { stdout, status } = run([
      '--dry-run',
      '--dir',
      join(work, 'carl'),
      '--port',
      '3100',
      '--version',
      '1.4',
    ])
    expect(status).toBe(0)
    expect(stdout).toContain('image: claude-agent-runner-lite:1.4')
    expect(stdout).toContain('"3100:3000"')
    expect(readdirSync(work)).toEqual([])
  })

  test('writes the file that is published', () => {
    const { stdout } = run(['--dry-run'])
    const shown = stdout
      .split('\n')
      .filter((line) => line.startsWith('  '))
      .map((line) => line.slice(2))
    expect(`${shown.join('\n').trim()}\n`).toBe(read('compose.yaml'))
  })

  test('on a machine without Docker says how to get it, and does nothing', () => {
    const programs = join(work, 'bin')
    mkdirSync(programs)
    for (const name of ['cat', 'sed', 'cmp']) {
      const place = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
      execFileSync('ln', ['-s', place, join(programs, name)])
    }
    const { stderr, status } = run(['--yes', '--dir', join(work, 'carl')], programs)
    expect(status).toBe(1)
    expect(stderr).toContain('Docker is not installed')
    expect(stderr).toContain('without Docker')
    expect(existsSync(join(work, 'carl'))).toBe(false)
  })

  test.each([
    [['--port', '3000; reboot'], 'is not a number'],
    [['--version', '$(reboot)'], 'is not one'],
    [['--image', 'a b'], 'is not one'],
    [['--dir'], 'needs a value'],
  ])('refuses %j', (args, words) => {
    const { stderr, status } = run(args)
    expect(status).not.toBe(0)
    expect(stderr).toContain(words)
  })

  test('cut anywhere, as by a broken download, it does nothing', () => {
    const text = readFileSync(script, 'utf8')
    for (let share = 1; share < 12; share++) {
      const part = join(work, 'part.sh')
      writeFileSync(part, text.slice(0, Math.floor((text.length * share) / 12)))
      const { stdout } = spawnSync('/bin/sh', [part, '--yes', '--dir', join(work, 'carl')], {
        encoding: 'utf8',
      })
      expect(stdout).toBe('')
      expect(existsSync(join(work, 'carl'))).toBe(false)
    }
  })
})

test('the package holds what a server needs, and nothing that only builds it', () => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  })
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }]
  const paths = files.map(({ path }) => path)
  expect(paths).toEqual(
    expect.arrayContaining(['carl.cjs', 'package.json', 'LICENSE', 'deploy/carl.service']),
  )
  const foreign = paths.filter(
    (path) => !/^(carl\.cjs|package\.json|LICENSE|README\.md|deploy\/carl\.service|dist\/.+)$/.test(path),
  )
  expect(foreign).toEqual([])
  expect(paths.filter((path) => path.endsWith('.map'))).toEqual([])
})

describe.runIf(process.getuid?.() === 0)('started as root, the command of the image', () => {
  /** Stands in for the server: says who it is and what it can read. */
  const layOut = () => {
    mkdirSync(join(work, 'deploy'))
    execFileSync('cp', [join(deploy, 'enter.cjs'), join(work, 'deploy/enter.cjs')])
    writeFileSync(
      join(work, 'carl.cjs'),
      `const fs = require('fs')
       const secret = process.env.ADMIN_PASSWORD_FILE
       console.log(JSON.stringify({
         uid: process.getuid(), gid: process.getgid(), groups: process.getgroups(),
         secret: secret ? fs.readFileSync(secret, 'utf8') : null, at: secret,
         back: (() => { try { process.setuid(0); return true } catch { return false } })(),
       }))`,
    )
    chmodSync(work, 0o755)
    const data = join(work, 'data')
    mkdirSync(data, { mode: 0o700 })
    return data
  }
  const enter = (env: Record<string, string>) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(work, 'deploy/enter.cjs')], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', ...env },
    })
    return { told: stdout ? JSON.parse(stdout) : null, stderr, status }
  }

  test('gives the data folder to an ordinary user, and is that user for good', () => {
    const data = layOut()
    writeFileSync(join(data, 'core.db'), '')
    const { told } = enter({ DATA_DIR: data })
    expect(told).toMatchObject({ uid: 1000, gid: 1000, back: false })
    expect(statSync(join(data, 'core.db')).uid).toBe(1000)
  })

  test('takes PUID and PGID, else whoever owns the folder', () => {
    const data = layOut()
    expect(enter({ DATA_DIR: data, PUID: '99', PGID: '100' }).told).toMatchObject({ uid: 99, gid: 100 })
    chownSync(data, 568, 568)
    expect(enter({ DATA_DIR: data }).told).toMatchObject({ uid: 568, gid: 568 })
    expect(enter({ DATA_DIR: data, PUID: 'root' })).toMatchObject({
      status: 78,
      stderr: expect.stringContaining('PUID'),
    })
    expect(enter({ DATA_DIR: data, PUID: '0' }).status).toBe(78)
  })

  test('a secret that only root may read is there for the server, and for nobody else', () => {
    const data = layOut()
    const secret = join(work, 'secret')
    writeFileSync(secret, 'only for root', { mode: 0o400 })
    const { secret: read, at } = enter({ DATA_DIR: data, ADMIN_PASSWORD_FILE: secret }).told
    expect(read).toBe('only for root')
    // It is gone again with the command that needed it.
    expect(at).not.toBe(secret)
    expect(existsSync(at)).toBe(false)
    expect(statSync(secret).mode & 0o777).toBe(0o400)
  })

  test('does not follow a link out of the data folder', () => {
    const data = layOut()
    const outside = join(work, 'outside')
    writeFileSync(outside, '')
    execFileSync('ln', ['-s', outside, join(data, 'link')])
    enter({ DATA_DIR: data })
    expect(statSync(outside).uid).toBe(0)
  })
})
