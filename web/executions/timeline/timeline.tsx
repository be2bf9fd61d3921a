import { useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { ChevronRight, ListTree, ScrollText } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react'
import { type Execution, isFinal } from '../../../contract/executions.ts'
import { formatBytes, formatDuration } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../../ui/card.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { SkeletonRows } from '../../ui/skeleton.tsx'
import { useStory } from '../follow-story.ts'
import { journalQuery } from '../queries.ts'
import { quoteArgv } from '../quote-argv.ts'
import { type Axis, axisOf, placeOn, ticksOf } from './axis.ts'
import { moveOf, type Row, toRows } from './rows.ts'
import { type Span, toSpans } from './spans.ts'

/** Where the time of an execution went: waiting, connecting, each step and command of the agent, the report. */
export function Timeline({ execution }: { readonly execution: Execution }) {
  const { id, state, logLines } = execution
  const isDone = isFinal(state)
  const journal = useQuery(journalQuery(id, isDone))
  const story = useStory({ id, isFinal: isDone, logLines, evenLong: true })
  const entries = story.data?.entries
  const spans = useMemo(
    () => (journal.data && entries ? toSpans(execution, journal.data.items, entries) : null),
    [execution, journal.data, entries],
  )
  const nowMs = usePresent(!isDone)
  const error = journal.error ?? story.error
  if (error) {
    const retry = () => void Promise.all([journal.refetch(), story.refetch()])
    return <ErrorPanel error={error} onRetry={retry} isRetrying={journal.isFetching || story.isFetching} />
  }
  if (spans === null) {
    return (
      <Card>
        <SkeletonRows rows={10} />
      </Card>
    )
  }
  return <SpanTree executionId={id} spans={spans} nowMs={nowMs} />
}

/** The present, a few times a second, while something goes on. */
function usePresent(isTicking: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!isTicking) return
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [isTicking])
  return now
}

export interface SpanTreeProps {
  readonly executionId: string
  readonly spans: readonly Span[]
  readonly nowMs: number
}

const rowPx = 32

/** The tree at the left, bars on one axis at the right, details of the chosen line beside or below. */
export function SpanTree({ executionId, spans, nowMs }: SpanTreeProps) {
  const t = useMessages('execution').timeline
  const base = useId()
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const [activeId, setActiveId] = useState<string | null>(null)
  const [chosenId, setChosenId] = useState<string | null>(null)
  const axis = axisOf(spans, nowMs)
  const rows = useMemo(() => toRows(spans, folded), [spans, folded])
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 12,
  })
  const chosen = spans.find(({ id }) => id === chosenId) ?? null
  if (spans.length === 0) return <EmptyState icon={ListTree} title={t.none} />

  const idOf = (spanId: string) => `${base}-${spanId}`
  const fold = (id: string, isFolded: boolean) => {
    const next = new Set(folded)
    if (isFolded) next.add(id)
    else next.delete(id)
    setFolded(next)
  }
  const activate = (id: string) => {
    setActiveId(id)
    const place = rows.findIndex(({ span }) => span.id === id)
    if (place >= 0) virtual.scrollToIndex(place)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      setChosenId(activeId)
      return
    }
    const move = moveOf(event.key, rows, activeId)
    if (move === null) return
    event.preventDefault()
    if (move.kind === 'to') activate(move.id)
    else fold(move.id, move.kind === 'fold')
  }
  const hasCommandsInside = spans.some(({ parent, kind }) => kind === 'command' && parent !== null)
  const foldable = rows
    .filter(({ hasChildren, level }) => hasChildren && level > 1)
    .map(({ span }) => span.id)
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,20rem)]">
      <Card aria-label={t.title}>
        <CardHeader
          actions={
            hasCommandsInside && (
              <Button
                size="sm"
                variant="ghost"
                onClick={() => setFolded(folded.size > 0 ? new Set() : new Set(foldable))}
              >
                {folded.size > 0 ? t.expand : t.collapse}
              </Button>
            )
          }
        >
          <CardTitle>{t.title}</CardTitle>
          <p id={`${base}-keys`} className="text-sm text-muted-foreground max-md:sr-only">
            {t.keys}
          </p>
        </CardHeader>
        <Scale axis={axis} />
        <div
          ref={scroller}
          role="tree"
          aria-label={t.title}
          aria-describedby={`${base}-keys`}
          aria-activedescendant={activeId === null ? undefined : idOf(activeId)}
          tabIndex={0}
          onKeyDown={onKeyDown}
          onFocus={() => {
            if (activeId === null) setActiveId(rows[0]?.span.id ?? null)
          }}
          className="group max-h-[70dvh] overflow-y-auto rounded-b-lg focus-visible:-outline-offset-2"
        >
          <div role="presentation" className="relative" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map(({ index, start }) => {
              const row = rows[index]
              return (
                row && (
                  <SpanRow
                    key={row.span.id}
                    id={idOf(row.span.id)}
                    row={row}
                    axis={axis}
                    nowMs={nowMs}
                    top={start}
                    isActive={row.span.id === activeId}
                    isChosen={row.span.id === chosenId}
                    onChoose={() => {
                      setActiveId(row.span.id)
                      setChosenId(row.span.id)
                    }}
                    onFold={() => fold(row.span.id, row.isOpen)}
                  />
                )
              )
            })}
          </div>
        </div>
      </Card>
      <Detail executionId={executionId} span={chosen} axis={axis} nowMs={nowMs} />
    </div>
  )
}

/** Names take this much of the width, bars the rest. */
const columns = 'grid grid-cols-[minmax(0,45%)_minmax(0,1fr)] md:grid-cols-[minmax(0,18rem)_minmax(0,1fr)]'

function Scale({ axis }: { readonly axis: Axis }) {
  const ticks = ticksOf(axis, 5)
  return (
    <div
      aria-hidden
      className={clsx(columns, 'border-y border-border bg-muted/60 text-xs text-muted-foreground')}
    >
      <span />
      <span className="relative me-14 h-6">
        {ticks.map((ms, index) => (
          <span
            key={ms}
            style={{ insetInlineStart: `${placeOn(axis, axis.fromMs + ms)}%` }}
            className={clsx(
              'absolute top-1 border-s border-border ps-1 whitespace-nowrap tabular-nums',
              index % 2 === 1 && 'max-md:hidden',
            )}
          >
            {ms === 0 ? '0' : formatDuration(ms)}
          </span>
        ))}
      </span>
    </div>
  )
}

const fills: Record<Span['state'], string> = {
  ok: 'bg-muted-foreground/70',
  error: 'bg-status-fail',
  active: 'bg-status-run',
}
const fillsByKind: Partial<Record<Span['kind'], string>> = {
  queued: 'border border-muted-foreground/70 bg-muted-foreground/25',
  agent: 'bg-muted-foreground',
  away: 'bg-status-missed',
  stop: 'bg-status-missed/80',
}

interface SpanRowProps {
  readonly id: string
  readonly row: Row
  readonly axis: Axis
  readonly nowMs: number
  readonly top: number
  readonly isActive: boolean
  readonly isChosen: boolean
  readonly onChoose: () => void
  readonly onFold: () => void
}

function SpanRow({ id, row, axis, nowMs, top, isActive, isChosen, onChoose, onFold }: SpanRowProps) {
  const t = useMessages('execution').timeline
  const { span, level, hasChildren, isOpen, place, siblings } = row
  const { kind, state, startMs, endMs, name } = span
  const label = name || t.kinds[kind]
  const from = placeOn(axis, startMs)
  const width = placeOn(axis, endMs ?? nowMs) - from
  const duration = formatDuration(Math.max(0, (endMs ?? nowMs) - startMs))
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={level}
      aria-posinset={place}
      aria-setsize={siblings}
      aria-selected={isChosen}
      aria-expanded={hasChildren ? isOpen : undefined}
      // Reached by the arrow keys of the tree around.
      tabIndex={-1}
      onClick={onChoose}
      style={{ height: rowPx, transform: `translateY(${top}px)` }}
      className={clsx(
        columns,
        'absolute inset-x-0 top-0 cursor-pointer items-center border-b border-border/60 hover:bg-muted/60',
        isChosen && 'bg-muted',
        isActive &&
          'group-focus-visible:outline-2 group-focus-visible:-outline-offset-2 group-focus-visible:outline-ring',
      )}
    >
      <span
        className="flex min-w-0 items-center gap-1 pe-2"
        style={{ paddingInlineStart: 4 + (level - 1) * 14 }}
      >
        <span
          className="grid size-6 shrink-0 place-items-center text-muted-foreground"
          onClick={(event) => {
            if (!hasChildren) return
            event.stopPropagation()
            onFold()
          }}
        >
          {hasChildren && (
            <ChevronRight
              aria-hidden
              className={clsx('size-4 transition-transform', isOpen && 'rotate-90')}
            />
          )}
        </span>
        <span
          title={label}
          className={clsx(
            'min-w-0 truncate',
            kind === 'command' && 'font-mono text-sm',
            level === 1 && 'font-medium',
            state === 'error' && 'text-status-fail',
          )}
        >
          {label}
        </span>
        <span className="sr-only">, {t.states[state]}, </span>
      </span>
      <span className="relative me-14 h-full">
        <span
          style={{ insetInlineStart: `${from}%`, width: `max(${width}%, 3px)` }}
          className={clsx(
            'absolute top-1/2 -translate-y-1/2 rounded-xs',
            level === 1 ? 'h-3' : 'h-2',
            state === 'ok' ? (fillsByKind[kind] ?? fills.ok) : fills[state],
            state === 'active' && 'animate-breathe',
          )}
        />
        <span
          style={{ insetInlineStart: `${from + width}%` }}
          className="absolute top-1/2 ms-1.5 -translate-y-1/2 text-xs whitespace-nowrap text-muted-foreground tabular-nums"
        >
          {duration}
        </span>
      </span>
    </div>
  )
}

interface DetailProps {
  readonly executionId: string
  readonly span: Span | null
  readonly axis: Axis
  readonly nowMs: number
}

function Detail({ executionId, span, axis, nowMs }: DetailProps) {
  const t = useMessages('execution').timeline
  if (span === null) {
    return (
      <Card className="p-4 text-muted-foreground max-lg:hidden" aria-live="polite">
        {t.pick}
      </Card>
    )
  }
  const { kind, name, state, startMs, endMs, seq, command } = span
  return (
    <Card className="lg:sticky lg:top-20" aria-live="polite">
      <CardHeader>
        <p className="text-sm text-muted-foreground">{t.kinds[kind]}</p>
        {name && <CardTitle className={clsx('foreign', kind === 'command' && 'font-mono')}>{name}</CardTitle>}
      </CardHeader>
      <div className="space-y-3 px-4 pb-4">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
          <Pair label={t.state}>{t.states[state]}</Pair>
          <Pair label={t.starts}>{formatDuration(startMs - axis.fromMs)}</Pair>
          <Pair label={t.duration}>{formatDuration(Math.max(0, (endMs ?? nowMs) - startMs))}</Pair>
          {command && command.via === 'kit' && (
            <Pair label={t.exit}>
              {command.rc ?? t.notRun}
              {command.note && ` · ${command.note}`}
            </Pair>
          )}
          {command && command.out !== null && (
            <Pair label={t.output}>
              {t.outputOf(formatBytes(command.out), formatBytes(command.err ?? 0))}
            </Pair>
          )}
        </dl>
        {command && <CodeBlock label={t.arguments} code={quoteArgv(command.argv)} wrap />}
        {seq !== null && (
          <Button asChild size="sm" variant="secondary">
            <Link to="/executions/$id" params={{ id: executionId }} search={{ tab: 'log', line: seq }}>
              <ScrollText aria-hidden />
              {t.toLog}
            </Link>
          </Button>
        )}
      </div>
    </Card>
  )
}

function Pair({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="tabular-nums foreign">{children}</dd>
    </>
  )
}
