import { fail } from '../lib/errors.ts'

/**
 * As much of the tar format (POSIX ustar) as a backup needs: plain files. So what is in a backup, once it is decrypted and
 * unzipped, opens with any tar.
 */
const blockBytes = 512
/** Eleven octal digits. */
const largestFile = 8 * 1_024 ** 3 - 1

export interface TarFile {
  readonly path: string
  readonly bytes: number
  readonly at: Date
}

/** The block in front of a file. */
export function tarHead({ path, bytes, at }: TarFile): Buffer {
  if (bytes > largestFile) throw fail('storage.full', { detail: `${path} is larger than 8 GiB.` })
  const { name, prefix } = splitPath(path)
  const block = Buffer.alloc(blockBytes)
  block.write(name, 0, 100, 'utf8')
  block.write('0000600\0', 100)
  block.write('0000000\0', 108)
  block.write('0000000\0', 116)
  block.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124)
  block.write(
    `${Math.floor(at.getTime() / 1_000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  )
  block.write('        ', 148)
  block.write('0', 156)
  block.write('ustar\0' + '00', 257)
  block.write(prefix, 345, 155, 'utf8')
  block.write(`${sumOf(block).toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** What fills a file up to whole blocks. */
export const tarPadding = (bytes: number): Buffer =>
  Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes)

/** What stands at the end of all files. */
export const tarEnd = Buffer.alloc(2 * blockBytes)

/** A file of an archive as it comes by; its content has to be taken before the next one. */
export interface TarEntry extends TarFile {
  content(): AsyncGenerator<Buffer>
}

/** Goes through the files of an archive. Throws `restore.damaged`. */
export async function* readTar(archive: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const iterator = archive[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)

  async function more(): Promise<boolean> {
    const { value, done } = await iterator.next()
    if (done) return false
    held = held.length === 0 ? value : Buffer.concat([held, value])
    return true
  }

  async function* take(bytes: number): AsyncGenerator<Buffer> {
    let left = bytes
    while (left > 0) {
      if (held.length === 0 && !(await more())) throw damaged('it ends within a file')
      const part = held.subarray(0, left)
      held = held.subarray(part.length)
      left -= part.length
      if (part.length > 0) yield part
    }
  }

  async function block(): Promise<Buffer> {
    while (held.length < blockBytes) if (!(await more())) throw damaged('it ends without an end')
    const head = held.subarray(0, blockBytes)
    held = held.subarray(blockBytes)
    return head
  }

  try {
    for (;;) {
      const head = await block()
      if (head.every((byte) => byte === 0)) break
      const file = readHead(head)
      let isTaken = false
      async function* content(): AsyncGenerator<Buffer> {
        isTaken = true
        yield* take(file.bytes)
        for await (const _ of take(tarPadding(file.bytes).length));
      }
      yield { ...file, content }
      if (!isTaken) for await (const _ of content());
    }
    // All of it is read, so that all of it is checked.
    while (await more()) held = Buffer.alloc(0)
  } finally {
    await iterator.return?.()
  }
}

function readHead(block: Buffer): TarFile {
  const text = (from: number, length: number) =>
    block
      .subarray(from, from + length)
      .toString('utf8')
      .replace(/\0.*$/s, '')
  const number = (from: number, length: number) => Number.parseInt(text(from, length).trim() || '0', 8)
  if (text(257, 5) !== 'ustar' || number(148, 8) !== sumOf(block)) throw damaged('a file has no head')
  const [name, prefix] = [text(0, 100), text(345, 155)]
  const path = prefix ? `${prefix}/${name}` : name
  if (text(156, 1) !== '0' || !isSafe(path)) throw damaged('it holds what no backup does')
  return { path, bytes: number(124, 12), at: new Date(number(136, 12) * 1_000) }
}

/** Inside of the folder it is unpacked into, by plain names. */
const isSafe = (path: string): boolean =>
  /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(path) && !/(^|\/)\.+(\/|$)/.test(path)

function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' }
  const at = path.lastIndexOf('/', 155)
  const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
  if (at < 0 || name.length > 100) throw new Error(`the path ${path} is too long for an archive`)
  return { name, prefix }
}

/** The checksum counts its own field as spaces. */
function sumOf(block: Buffer): number {
  let sum = 0
  for (const [at, byte] of block.entries()) sum += at >= 148 && at < 156 ? 32 : byte
  return sum
}

const damaged = (why: string) => fail('restore.damaged', { detail: `Inside of it, ${why}.` })
