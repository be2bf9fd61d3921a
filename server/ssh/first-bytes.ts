import type { Duplex } from 'node:stream'

/** More is not looked at: the greeting of an SSH server comes first, or it is none. */
const most = 1_024

/** What a server said before SSH began. Only here do a penalty and a full server show. */
export interface FirstBytes {
  text(): string
}

/** Listens beside whoever reads the stream. The reader must take over in the same turn, or bytes are lost to it. */
export function listenToFirstBytes(stream: Duplex): FirstBytes {
  let seen = Buffer.alloc(0)
  const listen = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk.subarray(0, most - seen.length)])
    if (seen.length >= most || isSsh(seen.toString('latin1'))) stream.off('data', listen)
  }
  stream.on('data', listen)
  return { text: () => seen.toString('latin1') }
}

/** An identification line; other lines may stand before it (RFC 4253, section 4.2). */
export const isSsh = (text: string): boolean => /^SSH-/m.test(text)

/** OpenSSH says this in plain text to a source that it keeps away for a while, or when too many log in at once. */
export const isBusy = (text: string): boolean =>
  /^(Not allowed at this time|Exceeded MaxStartups)/m.test(text)
