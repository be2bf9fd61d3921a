import { readFileSync, realpathSync, statfsSync } from 'node:fs'

/** Magic numbers of file systems whose locks SQLite cannot trust, from statfs(2) and linux/magic.h. */
const networkMagic = new Map([
  [0x6969, 'NFS'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x517b, 'SMB'],
  [0x01021997, '9p'],
  [0x73757245, 'Coda'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
])

/** A FUSE file system may be local (mergerfs, Unraid's user shares), so only these names count as network. */
const networkFuse = /^fuse\.(sshfs|rclone|glusterfs|s3fs|goofys|davfs|curlftpfs|smbnetfs|juicefs|seaweedfs)/

interface FileSystemFacts {
  /** The type from statfs(2). */
  readonly magic: number
  /** The table of mounts, as /proc/self/mountinfo has it; empty where there is none. */
  readonly mounts: string
  /** Path without symbolic links. */
  readonly path: string
}

/** The name of the network file system that a path lies on; null for a local one. */
export function judgeFileSystem({ magic, mounts, path }: FileSystemFacts): string | null {
  // A 32-bit system gives the large numbers as negative ones.
  const known = networkMagic.get(magic >>> 0)
  if (known) return known
  const type = mountTypeOf(mounts, path)
  return type !== null && networkFuse.test(type) ? type : null
}

export function networkFileSystemOf(folder: string): string | null {
  return judgeFileSystem({ magic: statfsSync(folder).type, mounts: readMounts(), path: realpathSync(folder) })
}

/** The type of the innermost mount that holds a path; the last one counts where mounts lie over each other. */
function mountTypeOf(mounts: string, path: string): string | null {
  let best: { point: string; type: string } | null = null
  for (const line of mounts.split('\n')) {
    const [before, after] = line.split(' - ')
    const point = before?.split(' ')[4]?.replace(/\\040/g, ' ')
    const type = after?.split(' ')[0]
    if (point === undefined || type === undefined) continue
    const isInside = path === point || path.startsWith(point === '/' ? '/' : `${point}/`)
    if (isInside && (best === null || point.length >= best.point.length)) best = { point, type }
  }
  return best?.type ?? null
}

function readMounts(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return ''
  }
}
