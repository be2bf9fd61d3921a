import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, parse, resolve, sep } from 'node:path'

/** The ordinary user of every container node. */
export const containerUser = 'carl'

/** Where programs of a Linux machine are; those that somebody put elsewhere are not the system's own. */
const programFolders = ['/usr/sbin', '/usr/bin', '/sbin', '/bin']
const needed = ['sshd', 'python3', 'sh', 'cat', 'mkdir', 'chown']
const welcome = `
  chmod cp date df env false grep head id ls mv nohup ps rm rmdir
  seq setsid sleep tail tee touch tr true uname wc
`
/** What newer versions of sshd start for a session, in the places of Debian, Fedora and Arch. */
const partsOfSshd = ['/usr/lib/openssh', '/usr/libexec/openssh', '/usr/lib/ssh'].flatMap((folder) =>
  ['sshd-session', 'sshd-auth'].map((name) => join(folder, name)),
)
/** Opened by name at run time, so no program says that it needs them. */
const silentLibraries = ['libgcc_s.so.1', 'libnss_files.so.2', 'libnss_dns.so.2']
/** Much of Python's library that no agent uses. */
const unusedByAgents =
  /^(tests?|idlelib|idle_test|tkinter|turtledemo|ensurepip|lib2to3|pydoc_data|distutils|config-.*|(site|dist)-packages)$/

const writtenFiles: Readonly<Record<string, string>> = {
  'etc/passwd': [
    'root:x:0:0:root:/root:/bin/sh',
    'sshd:x:100:65534::/run/sshd:/bin/false',
    `${containerUser}:x:1000:1000::/home/${containerUser}:/bin/sh`,
    'nobody:x:65534:65534::/:/bin/false\n',
  ].join('\n'),
  'etc/group': `root:x:0:\n${containerUser}:x:1000:\nnogroup:x:65534:\n`,
  // No password opens it; with an exclamation mark sshd would refuse keys as well.
  'etc/shadow': `root:*:19000:0:99999:7:::\n${containerUser}:*:19000:0:99999:7:::\n`,
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n',
}
const emptyFolders = [
  'dev',
  'etc/ssh',
  'home',
  'proc',
  'root',
  'run/sshd',
  'sys',
  'tmp',
  'var/empty',
  'var/log',
  'var/tmp',
]

/**
 * Gives the name of an image with sshd, a shell and Python, all of them files of this very machine: no registry is
 * asked. It is built once, and again when one of those files is another.
 */
export function containerImage(): string {
  const paths = pathsOfNode()
  const tag = `carl-testbed-node:${digestOf(paths)}`
  if (spawnSync('docker', ['image', 'inspect', tag], { stdio: 'ignore' }).status === 0) return tag
  const folder = mkdtempSync(join(tmpdir(), 'carl-image-'))
  try {
    const written = writeOwnFiles(join(folder, 'root'))
    const [archive, list] = [join(folder, 'node.tar'), join(folder, 'list')]
    writeFileSync(list, paths.map((path) => path.slice(1)).join('\n'))
    // Whole before it is handed over: half an image that has its name would be used for ever.
    const into = [`--file=${archive}`, '--owner=0', '--group=0', '--numeric-owner']
    const from = [`--directory=${written}`, '.', '--directory=/', '--no-recursion', `--files-from=${list}`]
    execFileSync('tar', ['--create', ...into, ...from])
    execFileSync('docker', ['import', archive, tag], { stdio: ['ignore', 'ignore', 'inherit'] })
    return tag
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What is no copy of a file of this machine. */
function writeOwnFiles(root: string): string {
  for (const name of emptyFolders) mkdirSync(join(root, name), { recursive: true })
  for (const [name, text] of Object.entries(writtenFiles)) {
    writeFileSync(join(root, name), text)
    chmodSync(join(root, name), name === 'etc/shadow' ? 0o600 : 0o644)
  }
  // Whatever the umask of whoever builds it.
  for (const name of ['.', 'etc', ...emptyFolders]) chmodSync(join(root, name), 0o755)
  for (const name of ['tmp', 'var/tmp']) chmodSync(join(root, name), 0o1777)
  return root
}

/** Every path that goes in, links on the way to a file among them. */
function pathsOfNode(): string[] {
  const programs = [...needed.flatMap(placesOfNeeded), ...(welcome.match(/\S+/g) ?? []).flatMap(placesOf)]
  const python = placesOf('python3').slice(0, 1).flatMap(libraryOf)
  const extensions = python.filter((path) => path.endsWith('.so'))
  const sshd = partsOfSshd.filter((path) => existsSync(path))
  const libraries = librariesOf([...programs, ...sshd, ...extensions])
  const silent = [...new Set(libraries.map(dirname))].flatMap((folder) =>
    silentLibraries.map((name) => join(folder, name)),
  )
  const others = [...silent, '/etc/ld.so.cache', '/etc/os-release'].filter((path) => existsSync(path))
  const all = [...programs, ...sshd, ...python, ...libraries, ...others].flatMap((path) => [...trailOf(path)])
  return [...new Set(all)].sort()
}

/** Under every name that it has here: /bin/sh and /usr/bin/sh may be one file, and both are asked for. */
const placesOf = (name: string): string[] =>
  programFolders.map((folder) => join(folder, name)).filter((path) => existsSync(path))

function placesOfNeeded(name: string): string[] {
  const places = placesOf(name)
  if (places.length === 0) throw new Error(`a container node needs ${name}, which this machine does not have`)
  return places
}

function libraryOf(python: string): string[] {
  const ask = 'import sysconfig as s; print(s.get_path("stdlib")); print(s.get_path("platstdlib"))'
  const folders = execFileSync(python, ['-I', '-c', ask], { encoding: 'utf8' }).trim().split('\n')
  return [...new Set(folders)].flatMap((folder) => [...filesUnder(folder)])
}

function* filesUnder(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (unusedByAgents.test(entry.name)) continue
    if (entry.isDirectory()) yield* filesUnder(path)
    else if (existsSync(path)) yield path
  }
}

/** Shared libraries that these need, theirs too, and the loader. */
function librariesOf(files: readonly string[]): string[] {
  // It fails for a script among them, having told the rest.
  const { stdout } = spawnSync('ldd', [...files], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  return [...new Set(stdout.match(/(?<=\s)\/\S+(?= \(0x)/g))]
}

/** The file itself and each link that leads to it, every one under the path it really has. */
function* trailOf(path: string): Generator<string> {
  const parts = path.split(sep).filter(Boolean)
  let real = parse(path).root
  for (const [at, part] of parts.entries()) {
    const next = join(real, part)
    if (lstatSync(next).isSymbolicLink()) {
      yield next
      return yield* trailOf(resolve(real, readlinkSync(next), ...parts.slice(at + 1)))
    }
    real = next
  }
  yield real
}

function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([writtenFiles, emptyFolders]))
  for (const path of paths) {
    const { size, mtimeMs } = lstatSync(path)
    hash.update(JSON.stringify([path, size, mtimeMs]))
  }
  return hash.digest('hex').slice(0, 16)
}
