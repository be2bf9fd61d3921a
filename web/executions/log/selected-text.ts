import { cleanText, withoutSigns } from './ansi.ts'
import type { LogStore } from './log-store.ts'

/**
 * What somebody selected in the list, as clean text: whole lines from the log itself, the first and the last as far as
 * they were selected. Null when the selection is not within the lines.
 */
export function selectedText(selection: Selection | null, store: LogStore): string | null {
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null
  const range = selection.getRangeAt(0)
  const first = seqAround(range.startContainer)
  const last = seqAround(range.endContainer)
  if (first === null || last === null) return null
  if (first === last) return withoutSigns(selection.toString())
  const lines = [partOf(range, first, 'from')]
  for (let seq = first + 1; seq < last; seq++) {
    const entry = store.entry(seq)
    // Lines that a filter hides are not in the page, and were not selected.
    if (entry && document.querySelector(`[data-seq="${seq}"]`)) lines.push(cleanText(entry.text))
  }
  lines.push(partOf(range, last, 'to'))
  return lines.join('\n')
}

function seqAround(node: globalThis.Node): number | null {
  const element = node instanceof Element ? node : node.parentElement
  const seq = element?.closest('[data-seq]')?.getAttribute('data-seq')
  return seq ? Number(seq) : null
}

/** The text of a line from where the selection begins, or up to where it ends. */
function partOf(range: Range, seq: number, part: 'from' | 'to'): string {
  const text = document.querySelector(`[data-seq="${seq}"] [data-text]`)
  if (!text) return ''
  const within = document.createRange()
  within.selectNodeContents(text)
  if (part === 'from') {
    if (within.comparePoint(range.startContainer, range.startOffset) >= 0) {
      if (text.contains(range.startContainer)) within.setStart(range.startContainer, range.startOffset)
    }
  } else if (text.contains(range.endContainer)) within.setEnd(range.endContainer, range.endOffset)
  else if (within.comparePoint(range.endContainer, range.endOffset) < 0) return ''
  return withoutSigns(within.toString())
}
