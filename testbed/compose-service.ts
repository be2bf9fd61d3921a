import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod'

const words = z.array(z.string()).default([])

/** All that the compose files of deploy/ say. Strict: what nobody translates below must not be passed over. */
const composeFile = z.strictObject({
  services: z.strictObject({
    carl: z.strictObject({
      image: z.string(),
      restart: z.string(),
      ports: z.array(z.string()),
      user: z
        .string()
        .regex(/^\d+:\d+$/)
        .optional(),
      read_only: z.boolean().default(false),
      cap_drop: words,
      security_opt: words,
      pids_limit: z.number().optional(),
      mem_limit: z.string().optional(),
      stop_grace_period: z
        .string()
        .regex(/^\d+s$/)
        .optional(),
      tmpfs: words,
      environment: z.record(z.string(), z.string()).default({}),
      secrets: words,
      volumes: words,
    }),
  }),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })).default({}),
})

export interface ComposeService {
  /** Options of `docker run`. */
  readonly options: readonly string[]
  /** Where the data folder lies on this machine. */
  readonly dataFolder: string
  /** Where its master key is on this machine. */
  readonly masterKeyFile: string
}

/**
 * What a compose file says of Carl, as options of `docker run`, with folders and secrets laid out below `home` as its
 * comments tell people to. It stands in the network of this machine, where the nodes of the tests are: that, and so the
 * published ports, is the one difference; Compose itself does not take both together. What is in `settings` counts
 * instead of the file.
 */
export function layOutService(
  file: string,
  home: string,
  settings: Readonly<Record<string, string>>,
): ComposeService {
  const { services, secrets } = composeFile.parse(parse(readFileSync(file, 'utf8')))
  const { carl } = services
  const owner = carl.user?.split(':').map(Number) as [number, number] | undefined
  const give = (path: string) => {
    if (owner) chownSync(path, ...owner)
  }
  const flags = (name: string, values: readonly unknown[]) =>
    values.flatMap((value) => (value === undefined ? [] : [name, String(value)]))

  const volumes = carl.volumes.map((line) => {
    const [from = '', to = ''] = line.split(':')
    const path = resolve(home, from)
    mkdirSync(path, { mode: 0o700 })
    give(path)
    return { path, to }
  })
  const given = carl.secrets.map((name) => {
    const path = resolve(home, secrets[name]?.file ?? '')
    writeFileSync(path, `${randomBytes(32).toString('base64')}\n`)
    chmodSync(path, 0o400)
    give(path)
    return { path, to: `/run/secrets/${name}` }
  })
  const dataFolder = volumes.find(({ to }) => to === '/app/data')?.path
  if (dataFolder === undefined) throw new Error(`${file} has no volume for the data`)
  const environment = Object.entries(carl.environment).filter(([name]) => !(name in settings))
  const keyAt = carl.environment['MASTER_KEY_FILE']
  return {
    dataFolder,
    masterKeyFile: given.find(({ to }) => to === keyAt)?.path ?? resolve(dataFolder, 'keys/master.key'),
    options: [
      ...['--network', 'host'],
      ...flags('--user', [carl.user]),
      ...(carl.read_only ? ['--read-only'] : []),
      ...flags('--cap-drop', carl.cap_drop),
      ...flags('--security-opt', carl.security_opt),
      ...flags('--pids-limit', [carl.pids_limit]),
      ...flags('--memory', [carl.mem_limit]),
      ...flags('--stop-timeout', [carl.stop_grace_period?.slice(0, -1)]),
      ...flags('--tmpfs', carl.tmpfs),
      ...flags(
        '--env',
        environment.map(([name, value]) => `${name}=${value}`),
      ),
      ...flags(
        '--volume',
        volumes.map(({ path, to }) => `${path}:${to}`),
      ),
      ...flags(
        '--volume',
        given.map(({ path, to }) => `${path}:${to}:ro`),
      ),
    ],
  }
}
