import pixelmatch from 'pixelmatch'
import sharp from 'sharp'

/** One picture of a page, as a PNG. */
export interface Shot {
  readonly width: number
  readonly theme: 'light' | 'dark'
  readonly image: Buffer
}

/** A picture is kept at a third of its size: enough to see what has moved or gone, and one thirtieth of its bytes. */
const keptAs = 3
const gap = 8
/**
 * How different a pixel has to be (0 to 1, as pixelmatch reckons). A letter is about a quarter ink, so at a third of the
 * size a lost word is a grey bar that is gone: some 0.2. How edges are smoothed stays below 0.05.
 */
const threshold = 0.09
/** So many pixels of a sheet may differ: fewer than the smallest icon has. */
const tolerated = 8

/** Lays the pictures of a story out on one sheet: the widths beside each other, one row for each theme. */
export async function toSheet(shots: readonly Shot[], scale = keptAs): Promise<Buffer> {
  const small = await Promise.all(
    shots.map(async ({ image, width, theme }) => {
      const resized = sharp(image).resize({ width: Math.round(width / scale), kernel: 'lanczos3' })
      const { data, info } = await resized.removeAlpha().raw().toBuffer({ resolveWithObject: true })
      return { theme, data, width: info.width, height: info.height }
    }),
  )
  const rows = ['light', 'dark'].map((theme) => small.filter((one) => one.theme === theme))
  const placed: {
    input: Buffer
    raw: { width: number; height: number; channels: 3 }
    left: number
    top: number
  }[] = []
  let [width, top] = [0, 0]
  for (const row of rows) {
    let left = 0
    for (const one of row) {
      const raw = { width: one.width, height: one.height, channels: 3 as const }
      placed.push({ input: one.data, raw, left, top })
      left += one.width + gap
    }
    width = Math.max(width, left - gap)
    top += Math.max(0, ...row.map(({ height }) => height)) + gap
  }
  const background = { r: 128, g: 128, b: 128 }
  return sharp({ create: { width, height: Math.max(1, top - gap), channels: 3, background } })
    .composite(placed)
    .webp({ quality: 32, effort: 5 })
    .toBuffer()
}

export interface Difference {
  /** Pixels of the sheet. */
  readonly pixels: number
  /** What was, what is, and where they differ, one below the other; a PNG. */
  readonly picture: Buffer
}

/** Holds a sheet against the one that was kept. Null where nobody would see a difference. */
export async function compare(kept: Buffer, drawn: Buffer): Promise<Difference | null> {
  const both = await Promise.all([kept, drawn].map((one) => sharp(one).metadata()))
  const width = Math.max(...both.map((one) => one.width))
  const height = Math.max(...both.map((one) => one.height))
  // What is taller than before differs by that strip.
  const [before, after] = await Promise.all(
    [kept, drawn].map(async (one) => {
      const { width: itsWidth, height: itsHeight } = await sharp(one).metadata()
      const extended = sharp(one).extend({
        right: width - itsWidth,
        bottom: height - itsHeight,
        background: '#ff00ff',
      })
      return extended.ensureAlpha().raw().toBuffer()
    }),
  )
  if (!before || !after) return null
  const marks = Buffer.alloc(width * height * 4)
  const pixels = pixelmatch(before, after, marks, width, height, { threshold, includeAA: true })
  if (pixels <= tolerated) return null
  const raw = { width, height, channels: 4 as const }
  const picture = await sharp({
    create: { width, height: height * 3 + 2 * gap, channels: 4, background: '#000' },
  })
    .composite([before, after, marks].map((input, at) => ({ input, raw, left: 0, top: at * (height + gap) })))
    .png()
    .toBuffer()
  return { pixels, picture }
}
