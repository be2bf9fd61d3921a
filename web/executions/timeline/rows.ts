import type { Span } from './spans.ts'

/** A visible line of the tree. */
export interface Row {
  readonly span: Span
  /** 1 at the top, as `aria-level` counts. */
  readonly level: number
  readonly hasChildren: boolean
  readonly isOpen: boolean
  readonly place: number
  readonly siblings: number
}

/** The lines of the tree that can be seen while some spans are folded. */
export function toRows(spans: readonly Span[], folded: ReadonlySet<string>): Row[] {
  const children = Map.groupBy(spans, ({ parent }) => parent)
  const rows: Row[] = []
  const walk = (parent: string | null, level: number) => {
    const siblings = children.get(parent) ?? []
    for (const [index, span] of siblings.entries()) {
      const hasChildren = children.has(span.id)
      const isOpen = hasChildren && !folded.has(span.id)
      rows.push({ span, level, hasChildren, isOpen, place: index + 1, siblings: siblings.length })
      if (isOpen) walk(span.id, level + 1)
    }
  }
  walk(null, 1)
  return rows
}

export type Move =
  | { readonly kind: 'to'; readonly id: string }
  | { readonly kind: 'fold' | 'unfold'; readonly id: string }

/** What a key means in a tree, as everybody who uses one by keyboard expects; null for a key that means nothing. */
export function moveOf(key: string, rows: readonly Row[], activeId: string | null): Move | null {
  const at = Math.max(
    0,
    rows.findIndex(({ span }) => span.id === activeId),
  )
  const row = rows[at]
  if (!row) return null
  const to = (place: number): Move | null => {
    const target = rows[Math.min(rows.length - 1, Math.max(0, place))]
    return target ? { kind: 'to', id: target.span.id } : null
  }
  switch (key) {
    case 'ArrowDown':
      return to(at + 1)
    case 'ArrowUp':
      return to(at - 1)
    case 'PageDown':
      return to(at + 10)
    case 'PageUp':
      return to(at - 10)
    case 'Home':
      return to(0)
    case 'End':
      return to(rows.length - 1)
    case 'ArrowRight':
      if (!row.hasChildren) return null
      return row.isOpen ? to(at + 1) : { kind: 'unfold', id: row.span.id }
    case 'ArrowLeft':
      if (row.isOpen) return { kind: 'fold', id: row.span.id }
      return row.span.parent === null ? null : { kind: 'to', id: row.span.parent }
    default:
      return null
  }
}
