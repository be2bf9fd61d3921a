import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { DockerEngine } from './docker-engine.ts'

/**
 * An image with Node, npm, busybox and the OpenSSH client of this very machine, for builds on one that can pull nothing:
 * it takes the place of both base images of deploy/Dockerfile.
 */
export function makeNodeImage(engine: DockerEngine, tag = 'lab/node:24'): string {
  const root = mkdtempSync(join(tmpdir(), 'carl-node-image-'))
  try {
    const place = (file: string, at = file) => {
      mkdirSync(dirname(join(root, at)), { recursive: true })
      copyFileSync(file, join(root, at))
      chmodSync(join(root, at), statSync(file).mode & 0o777)
    }
    place('/bin/busybox')
    for (const name of execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n'))
      if (name !== 'busybox') symlinkSync('busybox', join(root, 'bin', name))
    place(process.execPath, '/usr/local/bin/node')
    const npm = dirname(dirname(execFileSync('readlink', ['-f', which('npm')], { encoding: 'utf8' }).trim()))
    cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true, dereference: true })
    symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
    const programs = ['/usr/bin/ssh', '/usr/bin/ssh-keygen'].filter((file) => existsSync(file))
    for (const program of programs) place(program)
    for (const library of librariesOf([process.execPath, ...programs])) place(library)
    // Opened by name at run time, by packages with native parts and by the resolver.
    for (const folder of libraryFolders) {
      for (const name of silentLibraries) if (existsSync(join(folder, name))) place(join(folder, name))
    }
    mkdirSync(join(root, 'usr/bin'), { recursive: true })
    if (!existsSync(join(root, 'usr/bin/env'))) symlinkSync('../../bin/busybox', join(root, 'usr/bin/env'))
    for (const name of ['tmp', 'root', 'app', 'opt', 'etc']) mkdirSync(join(root, name), { recursive: true })
    chmodSync(join(root, 'tmp'), 0o1777)
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh\n')
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n')
    for (const name of ['resolv.conf', 'hosts', 'nsswitch.conf'])
      if (existsSync(`/etc/${name}`)) writeFileSync(join(root, 'etc', name), readFileSync(`/etc/${name}`))
    const changes = ['ENV PATH=/usr/local/bin:/usr/bin:/bin']
    const authorities = process.env.NODE_EXTRA_CA_CERTS
    if (authorities && existsSync(authorities)) {
      place(authorities, '/etc/ssl/of-this-machine.pem')
      changes.push('ENV NODE_EXTRA_CA_CERTS=/etc/ssl/of-this-machine.pem')
    }
    const tar = execFileSync(
      'tar',
      ['--create', '--owner=0', '--group=0', '--numeric-owner', `--directory=${root}`, '.'],
      {
        maxBuffer: 1_024 ** 3,
      },
    )
    engine.docker(['import', ...changes.flatMap((change) => ['--change', change]), '-', tag], tar)
    return tag
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const libraryFolders = ['/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu']
const silentLibraries = [
  'libdl.so.2',
  'libgcc_s.so.1',
  'libnss_dns.so.2',
  'libnss_files.so.2',
  'libpthread.so.0',
  'libresolv.so.2',
  'librt.so.1',
  'libutil.so.1',
]

const which = (program: string): string =>
  execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim()

/** Shared libraries, theirs too, and the loader. */
function librariesOf(files: readonly string[]): string[] {
  const found = files.flatMap(
    (file) => execFileSync('ldd', [file], { encoding: 'utf8' }).match(/(?<=\s)\/\S+(?= \(0x)/g) ?? [],
  )
  return [...new Set(found)]
}
