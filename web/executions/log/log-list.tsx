import { useVirtualizer } from '@tanstack/react-virtual'
import { clsx } from 'clsx'
import {
  type ClipboardEvent,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { LogRow } from './log-row.tsx'
import type { LogSource } from './log-source.ts'
import type { Row, Rows } from './rows.ts'
import { selectedText } from './selected-text.ts'

/** Height of a line, pixels. */
const lineHeight = 20
/** This near to the end counts as at the end, pixels. */
const nearEnd = 24
/** Lines that are drawn beyond what is seen, and fetched beyond it. */
const overscan = 12
const around = 150

/** What others may have the list do. */
export interface LogListHandle {
  /** Brings a line into view; near the middle unless it is in view already. */
  show(seq: number): void
  scrollLines(lines: number): void
  scrollPages(pages: number): void
  toStart(): void
  toEnd(): void
  focus(): void
  /** The number of the first entry in view. */
  firstInView(): number
}

interface LogListProps {
  readonly ref: Ref<LogListHandle>
  readonly source: LogSource
  readonly rows: Rows
  readonly isFollowing: boolean
  /** The reader went up, or came back to the end. */
  readonly onFollow: (isFollowing: boolean) => void
  readonly wraps: boolean
  readonly since: number | null
  readonly query: string
  readonly currentHit: number | null
  readonly marked: { readonly from: number; readonly to: number } | null
  readonly onMark: (seq: number, isReach: boolean) => void
  readonly onLoad: (from: number) => void
}

const keyOf = (row: Row) => (row.kind === 'entry' ? row.seq : -row.from)
const firstOf = (row: Row) => (row.kind === 'entry' ? row.seq : row.from)
const lastOf = (row: Row) => (row.kind === 'entry' ? row.seq : row.to)

/** The lines themselves. Only those in view are in the page, however long the log is. */
export function LogList(props: LogListProps) {
  const {
    ref,
    source,
    rows,
    isFollowing,
    onFollow,
    wraps,
    since,
    query,
    currentHit,
    marked,
    onMark,
    onLoad,
  } = props
  const t = useMessages('log')
  const { store } = source
  const scroller = useRef<HTMLDivElement>(null)
  const lastTop = useRef(0)
  /** A line is being brought into view, which says nothing about what the reader wants. */
  const isShowing = useRef(false)
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set())

  // While following, what is drawn is the end: not where the scroll position still is, a frame late.
  const rangeExtractor = useCallback(
    ({ startIndex, endIndex, count }: { startIndex: number; endIndex: number; count: number }) => {
      const length = endIndex - startIndex + 1
      const last = isFollowing ? count - 1 : Math.min(count - 1, endIndex + overscan)
      const first = Math.max(0, (isFollowing ? count - length : startIndex) - overscan)
      return Array.from({ length: last - first + 1 }, (_, at) => first + at)
    },
    [isFollowing],
  )
  const getItemKey = useCallback((index: number) => keyOf(rows.at(index)), [rows])
  const virtual = useVirtualizer({
    count: rows.count,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    getItemKey,
    rangeExtractor,
    overscan,
  })

  const goTo = useCallback((top: number) => {
    const element = scroller.current
    if (!element) return
    element.scrollTop = top
    // Told of this, nothing will have moved; told of the reader's hand in the same moment, that will be all that did.
    lastTop.current = element.scrollTop
  }, [])

  // Sizes change with it, and the place in the log is to stay the same.
  useLayoutEffect(() => virtual.measure(), [virtual, wraps])
  // After every drawing, for lines that were just measured are higher than they were taken for.
  useLayoutEffect(() => {
    const element = scroller.current
    if (isFollowing && element && element.scrollHeight - element.clientHeight - element.scrollTop > 1) {
      goTo(element.scrollHeight)
    }
  })

  const items = virtual.getVirtualItems()
  const first = items[0]
  const last = items.at(-1)
  const from = first ? firstOf(rows.at(first.index)) : 0
  const to = last ? lastOf(rows.at(last.index)) : 0
  const isFiltered = rows.count !== store.lastSeq()
  useEffect(() => {
    if (to === 0) return
    // Between the lines that a filter leaves lie many that are not wanted.
    if (isFiltered) source.want(from, Math.min(to, from + 2 * around))
    else source.want(Math.max(1, from - around), to + around)
  }, [source, from, to, isFiltered, rows])

  useImperativeHandle(ref, () => {
    const scrollBy = (top: number) => scroller.current?.scrollBy({ top })
    return {
      show: (seq) => {
        isShowing.current = true
        virtual.scrollToIndex(rows.placeOf(seq), { align: 'center' })
      },
      scrollLines: (lines) => scrollBy(lines * lineHeight),
      scrollPages: (pages) => scrollBy(pages * ((scroller.current?.clientHeight ?? 0) - 2 * lineHeight)),
      toStart: () => goTo(0),
      toEnd: () => goTo(scroller.current?.scrollHeight ?? 0),
      focus: () => scroller.current?.focus(),
      firstInView: () => {
        const item = virtual.getVirtualItemForOffset(scroller.current?.scrollTop ?? 0)
        return item ? firstOf(rows.at(item.index)) : 1
      },
    }
  }, [virtual, rows, goTo])

  function onScroll(): void {
    const element = scroller.current
    if (!element) return
    const top = element.scrollTop
    const isUp = top < lastTop.current - 1
    const isDown = top > lastTop.current + 1
    const isAtEnd = element.scrollHeight - element.clientHeight - top < nearEnd
    lastTop.current = top
    const wasShowing = isShowing.current
    isShowing.current = false
    if (wasShowing) return
    if (isUp && !isAtEnd && isFollowing) onFollow(false)
    if (isDown && isAtEnd && !isFollowing) onFollow(true)
  }

  function onCopy(event: ClipboardEvent): void {
    const text = selectedText(window.getSelection(), store)
    if (text === null) return
    event.clipboardData.setData('text/plain', text)
    event.preventDefault()
  }

  const onFold = useCallback((seq: number) => {
    setUnfolded((now) => {
      const next = new Set(now)
      if (!next.delete(seq)) next.add(seq)
      return next
    })
  }, [])

  return (
    <div
      ref={scroller}
      role="list"
      aria-label={t.lines}
      // What programs print begins at the left, whatever its reader speaks.
      dir="ltr"
      // Everything in it is reached by scrolling.
      tabIndex={0}
      onScroll={onScroll}
      onCopy={onCopy}
      className="relative h-full overflow-auto overscroll-contain bg-card font-mono text-sm leading-5 [font-variant-ligatures:none] [overflow-anchor:none] focus-visible:-outline-offset-2"
    >
      <div role="presentation" style={{ height: virtual.getTotalSize() }} className="relative min-w-full">
        {items.map(({ index, key, start }) => {
          const row = rows.at(index)
          const entry = row.kind === 'entry' ? store.entry(row.seq) : undefined
          const isUnfolded = row.kind === 'entry' && unfolded.has(row.seq)
          return (
            <div
              key={String(key)}
              role="listitem"
              aria-setsize={rows.count}
              aria-posinset={index + 1}
              data-index={index}
              {...(row.kind === 'entry' && { 'data-seq': row.seq })}
              ref={wraps || isUnfolded ? virtual.measureElement : undefined}
              style={{ transform: `translateY(${start}px)`, minHeight: lineHeight }}
              className={clsx('absolute top-0 start-0', wraps || isUnfolded ? 'w-full' : 'w-max min-w-full')}
            >
              {row.kind === 'unseen' ? (
                <div className="flex h-5 items-center gap-3 border-s-2 border-dashed border-input bg-muted/50 ps-3 font-sans">
                  {t.unseen(formatNumber(row.to - row.from + 1), row.to === row.from)}
                  <Button
                    size="sm"
                    variant="ghost"
                    className="h-5! underline"
                    onClick={() => onLoad(row.from)}
                  >
                    {t.load}
                  </Button>
                </div>
              ) : entry ? (
                <LogRow
                  entry={entry}
                  query={query}
                  wraps={wraps}
                  isUnfolded={isUnfolded}
                  since={since}
                  isMarked={marked !== null && row.seq >= marked.from && row.seq <= marked.to}
                  isCurrentHit={row.seq === currentHit}
                  onMark={onMark}
                  onFold={onFold}
                />
              ) : (
                <div className="flex h-5 items-center border-s-2 border-transparent">
                  <span className="min-w-[6ch] pe-2 text-end text-muted-foreground tabular-nums">
                    {row.seq}
                  </span>
                  <span className="sr-only">{t.missing}</span>
                  <span aria-hidden className="h-2.5 w-60 max-w-1/2 rounded-xs bg-muted" />
                </div>
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}
