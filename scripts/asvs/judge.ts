import { readFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod'

/** One requirement of the ASVS: whether it applies, and what shows that it is met. */
const item = z.strictObject({
  /** `later` is for what belongs to features that do not exist yet. */
  applies: z.enum(['yes', 'later', 'no']),
  /** `file › words`: of the title of a test, or of a document. */
  proof: z.array(z.string()).default([]),
  note: z.string().optional(),
})
const list = z.strictObject({
  version: z.literal('5.0.0'),
  items: z.record(z.string().regex(/^\d+\.\d+\.\d+$/), item),
})
type Item = z.infer<typeof item>

/** Says what is wrong with one requirement; `read` gives the text of a file, null when there is none. */
export function judgeItem(
  id: string,
  { applies, proof, note }: Item,
  read: (file: string) => string | null,
): string[] {
  if (applies !== 'yes') return note ? [] : [`${id}: says that it does not apply now, but not why`]
  if (proof.length === 0) return [`${id}: applies, but names neither a test nor a document`]
  return proof.flatMap((text) => judgeProof(text, read).map((why) => `${id}: ${why}`))
}

function judgeProof(text: string, read: (file: string) => string | null): string[] {
  const [file = '', words] = text.split(' › ')
  if (!words) return [`“${text}” is not written as: file › words`]
  const content = read(file)
  if (content === null) return [`there is no ${file}`]
  const isTest = /\.test\.tsx?$/.test(file)
  if (!isTest && !file.endsWith('.md')) return [`${file} is neither a test nor a document`]
  // A title is a text in quotes; a sentence of a document may go over two lines.
  const found = isTest
    ? content
        .split('\n')
        .some((line) => line.slice(Math.max(0, line.search(/['"`]/))).includes(words) && /['"`]/.test(line))
    : content.replace(/\s+/g, ' ').includes(words)
  return found ? [] : [`${file} has no “${words}”`]
}

/** Looks at every requirement of `docs/asvs.yaml`. */
export function checkAsvs(root: string): { items: number; problems: string[] } {
  const { items } = list.parse(parse(readFileSync(join(root, 'docs/asvs.yaml'), 'utf8')))
  const texts = new Map<string, string | null>()
  const read = (file: string): string | null => {
    const path = join(root, file)
    if (!texts.has(file)) texts.set(file, existsSync(path) ? readFileSync(path, 'utf8') : null)
    return texts.get(file) ?? null
  }
  const problems = Object.entries(items).flatMap(([id, one]) => judgeItem(id, one, read))
  return { items: Object.keys(items).length, problems }
}
