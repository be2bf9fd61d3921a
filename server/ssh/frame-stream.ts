import type { Readable } from 'node:stream'
import { protocolLimits } from '../../contract/agent-protocol.ts'
import { type Frame, frame } from './frames.ts'

/** Text from the node outside the protocol: banners, noisy login scripts. */
export interface Noise {
  readonly t: 'noise'
  readonly text: string
}

/** The longest line that is taken; a frame carries at most one message, escaped. */
const longestLine = protocolLimits.messageBytes + 2 * 1_048_576
const longestNoise = 4_096
const recordSeparator = '\u001e'
const lineFeed = 0x0a

/**
 * Reads frames from a channel, in the pace of whoever asks for them: a slow reader slows the node down. Only lines
 * with this launch's nonce are frames; an agent does not know it and so cannot forge one.
 */
export async function* readFrames(source: Readable, nonce: string): AsyncGenerator<Frame | Noise, void> {
  const prefix = Buffer.from(`${recordSeparator}${nonce} `)
  let pieces: Buffer[] = []
  let length = 0
  // The stream outlives the last frame: closing it would take away the way back, and the node waits to be acknowledged.
  for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      pieces.push(chunk.subarray(from, end))
      from = end + 1
      const line = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
      pieces = []
      length = 0
      const item = parseLine(line, prefix)
      if (item) yield item
    }
    if (from < chunk.length) {
      pieces.push(chunk.subarray(from))
      length += chunk.length - from
    }
    // Nothing of ours is that long. What is, is not worth keeping: only its start, to show.
    if (length > longestLine) {
      yield noiseOf(Buffer.concat(pieces).subarray(0, longestNoise))
      pieces = []
      length = 0
    }
  }
  if (length > 0) yield noiseOf(Buffer.concat(pieces))
}

function parseLine(line: Buffer, prefix: Buffer): Frame | Noise | null {
  // A login script that ends without a line feed stands in front of the first frame.
  const at = line.indexOf(prefix)
  if (at >= 0) {
    const parsed = frame.safeParse(parseJson(line.subarray(at + prefix.length).toString('utf8')))
    if (parsed.success) return parsed.data
  }
  return line.length === 0 ? null : noiseOf(line)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function noiseOf(octets: Buffer): Noise {
  const text = octets.subarray(0, longestNoise).toString('utf8')
  return { t: 'noise', text: text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim() }
}
