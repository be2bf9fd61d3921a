import { fail } from '../lib/errors.ts'

/** Bytes as SSH writes them (RFC 4251, section 5): a length of four bytes, then the content. */
export function string(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content as string)
  return Buffer.concat([uint32(bytes.length), bytes])
}

/** A whole positive number: big-endian, shortest form, with a zero byte in front where the first bit is set. */
export function mpint(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const short = bytes.subarray(start)
  return string((short[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.alloc(1), short]) : short)
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Reads what the functions above write. Throws `key.damaged` where something is missing. */
export function createWireReader(bytes: Buffer) {
  let at = 0

  function take(length: number): Buffer {
    if (at + length > bytes.length) throw fail('key.damaged')
    at += length
    return bytes.subarray(at - length, at)
  }

  const number = (): number => take(4).readUInt32BE()
  const next = (): Buffer => take(number())
  return {
    uint32: number,
    string: next,
    text: (): string => next().toString('utf8'),
    rest: () => bytes.subarray(at),
  }
}
