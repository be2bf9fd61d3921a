import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** Shorter replies leave with the first packets anyway, and packing them would cost more than it saves; bytes. */
export const packedFromBytes = 8_192

/** Packs a text, in a thread of its own. */
export const pack = promisify(gzip) as (text: string) => Promise<Buffer>

/** Whether a caller that sent this `Accept-Encoding` unpacks gzip. Whoever does not name it is sent plain text. */
export function takesGzip(accepted: string | undefined): boolean {
  return (accepted ?? '').split(',').some((one) => {
    const [name, ...terms] = one.split(';').map((part) => part.trim().toLowerCase())
    return name === 'gzip' && !terms.some((term) => /^q=0(\.0*)?$/.test(term))
  })
}
