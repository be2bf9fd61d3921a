import { ArrowDown, Copy, FilterX, Link2, Terminal, X } from 'lucide-react'
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { copyText } from '../../ui/copy-text.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Progress } from '../../ui/progress.tsx'
import { Loading, Skeleton } from '../../ui/skeleton.tsx'
import { cleanText } from './ansi.ts'
import { toCommand } from './keyboard.ts'
import { LogList, type LogListHandle } from './log-list.tsx'
import { setLogPreferences, useLogPreferences } from './log-preferences.ts'
import type { LogSource } from './log-source.ts'
import { LogStatus } from './log-status.tsx'
import { LogToolbar } from './log-toolbar.tsx'
import { isFiltering, type LogFilter, toRows } from './rows.ts'
import { createSearch } from './search.ts'
import { useLogVersion } from './use-log.ts'
import { useScan } from './use-scan.ts'

/** What is looked at, as the address of the page has it. */
export interface LogPlace extends LogFilter {
  readonly search?: string | undefined
  /** The marked line, or the first of several. */
  readonly line?: number | undefined
  readonly to?: number | undefined
}

interface LogPaneProps {
  readonly source: LogSource
  readonly place: LogPlace
  readonly onPlace: (place: LogPlace) => void
  /** The address that leads here. */
  readonly linkTo: (place: LogPlace) => string
  readonly downloadHref: string
  /** Whether more may come, so that the end is the place to begin at. */
  readonly isGrowing: boolean
}

/** A search is written to the address once the typing pauses, milliseconds. */
const pauseMs = 300

/** The log with its search, filters and marks. */
export function LogPane({ source, place, onPlace, linkTo, downloadHref, isGrowing }: LogPaneProps) {
  const t = useMessages('log')
  const { store } = source
  const version = useLogVersion(source)
  const { wraps, time } = useLogPreferences()
  const list = useRef<LogListHandle>(null)
  const searchField = useRef<HTMLInputElement>(null)

  const [isFollowing, setFollowing] = useState(isGrowing && place.line === undefined)
  const [pausedAt, setPausedAt] = useState(0)
  const follow = useCallback(
    (wanted: boolean) => {
      setFollowing(wanted)
      setPausedAt(store.lastSeq())
    },
    [store],
  )

  const { level, stream } = place
  const filter = useMemo(() => ({ level, stream }), [level, stream])
  const rows = useMemo(() => {
    void version
    return toRows(store, filter)
  }, [store, filter, version])

  const [search] = useState(() => createSearch(store))
  useEffect(() => search.listen(), [search])
  const [query, setQuery] = useState(place.search ?? '')
  const [currentHit, setCurrentHit] = useState<number | null>(null)
  const scan = useScan(source, search, { query, isFiltering: isFiltering(filter) })

  const latest = useRef({ place, onPlace })
  useEffect(() => {
    latest.current = { place, onPlace }
  })
  useEffect(() => {
    const timer = setTimeout(() => {
      const now = latest.current
      if ((now.place.search ?? '') !== query) now.onPlace({ ...now.place, search: query || undefined })
    }, pauseMs)
    return () => clearTimeout(timer)
  }, [query])

  const marked = useMemo(
    () => (place.line === undefined ? null : ordered(place.line, place.to ?? place.line)),
    [place.line, place.to],
  )
  const onMark = useCallback((seq: number, isReach: boolean) => {
    const now = latest.current
    const { line } = now.place
    if (isReach && line !== undefined) now.onPlace({ ...now.place, line, to: seq === line ? undefined : seq })
    else now.onPlace({ ...now.place, line: seq, to: undefined })
  }, [])
  const unmark = () => onPlace({ ...place, line: undefined, to: undefined })

  const isReady = source.phase().kind === 'ready'
  // A link to a line leads there once, as soon as the log is there.
  const isThere = useRef(place.line === undefined)
  useEffect(() => {
    const { line } = place
    if (!isReady || line === undefined || isThere.current) return
    const frame = requestAnimationFrame(() => {
      isThere.current = true
      list.current?.show(line)
    })
    return () => cancelAnimationFrame(frame)
  }, [isReady, place])

  const onLoad = useCallback(
    (from: number) => void source.readOn(from - 1, AbortSignal.timeout(30_000)).catch(source.retry),
    [source],
  )

  function goToHit(direction: 1 | -1): void {
    const from = currentHit ?? (list.current?.firstInView() ?? 1) - direction
    const seq = search.next(from, direction)
    if (seq === null) return
    follow(false)
    setCurrentHit(seq)
    list.current?.show(seq)
  }

  function toEnd(): void {
    if (store.isComplete()) list.current?.toEnd()
    else follow(true)
  }

  function toStart(): void {
    follow(false)
    list.current?.toStart()
  }

  function onKey(event: KeyboardEvent): void {
    const { target } = event
    const isTyping = target === searchField.current
    if (!isTyping && target instanceof HTMLElement && target.matches('input, select, textarea')) return
    const command = toCommand(event, isTyping)
    if (command === null) return
    // Space and arrows on a button are the button's own.
    if (
      target instanceof HTMLElement &&
      target.matches('[role=toolbar] *') &&
      !isTyping &&
      event.key.length > 1
    )
      return
    if (perform(command)) event.preventDefault()
  }

  /** Does what a key asked for; false when the browser is to have it. */
  function perform(command: NonNullable<ReturnType<typeof toCommand>>): boolean {
    switch (command) {
      case 'lineUp':
      case 'lineDown':
        list.current?.scrollLines(command === 'lineUp' ? -1 : 1)
        return true
      case 'pageUp':
      case 'pageDown':
        list.current?.scrollPages(command === 'pageUp' ? -1 : 1)
        return true
      case 'toStart':
        toStart()
        return true
      case 'toEnd':
        toEnd()
        return true
      case 'follow':
        if (isFollowing) follow(false)
        else toEnd()
        return true
      case 'wrap':
        setLogPreferences({ wraps: !wraps })
        return true
      case 'search':
        searchField.current?.focus()
        searchField.current?.select()
        return true
      case 'nextHit':
      case 'previousHit':
        if (query === '') return false
        goToHit(command === 'nextHit' ? 1 : -1)
        return true
      case 'mark':
        onMark(currentHit ?? list.current?.firstInView() ?? 1, false)
        return true
      case 'extendUp':
      case 'extendDown':
        return extend(command === 'extendUp' ? -1 : 1)
      case 'copy':
        // A selection made with the mouse is the browser's to copy.
        if (!marked || !window.getSelection()?.isCollapsed) return false
        void copyMarked()
        return true
      case 'leave':
        return leave()
    }
  }

  function extend(step: 1 | -1): boolean {
    if (place.line === undefined) return false
    const to = Math.min(Math.max((place.to ?? place.line) + step, 1), store.lastSeq())
    onMark(to, true)
    list.current?.show(to)
    return true
  }

  /** Out of the search field first, then out of the mark. */
  function leave(): boolean {
    if (document.activeElement === searchField.current) {
      if (query !== '') setQuery('')
      list.current?.focus()
      return true
    }
    if (!marked) return false
    unmark()
    return true
  }

  const [copying, setCopying] = useState<'idle' | 'collecting' | 'copied' | 'refused'>('idle')
  async function copyMarked(): Promise<void> {
    if (!marked) return
    setCopying('collecting')
    try {
      const entries = await source.collect(marked.from, marked.to, AbortSignal.timeout(60_000))
      setCopying(
        (await copyText(entries.map(({ text }) => cleanText(text)).join('\n'))) ? 'copied' : 'refused',
      )
    } catch {
      setCopying('refused')
    }
  }
  async function copyLink(): Promise<void> {
    setCopying((await copyText(new URL(linkTo(place), location.href).href)) ? 'copied' : 'refused')
  }
  useEffect(() => {
    if (copying !== 'copied' && copying !== 'refused') return
    const timer = setTimeout(() => setCopying('idle'), 2_000)
    return () => clearTimeout(timer)
  }, [copying])

  const phase = source.phase()
  const lastSeq = store.lastSeq()
  const since = time === 'clock' ? null : startOf(source)
  const fresh = isFollowing || store.isComplete() ? 0 : lastSeq - pausedAt
  const looked = query === '' ? store.seenCount() : search.examinedCount()

  return (
    <section
      aria-label={t.label}
      onKeyDown={onKey}
      className="flex h-[max(24rem,calc(100dvh-9rem))] md:h-[max(24rem,calc(100dvh-15rem))] flex-col overflow-hidden rounded-lg border border-border bg-card"
    >
      <LogToolbar
        searchRef={searchField}
        query={query}
        onQuery={(text) => {
          setQuery(text)
          setCurrentHit(null)
        }}
        hits={
          query === ''
            ? null
            : search.count() === 0 && scan.isRunning
              ? null
              : { rank: currentHit === null ? 0 : search.rankOf(currentHit), count: search.count() }
        }
        onHit={goToHit}
        filter={filter}
        onFilter={(changed) => onPlace({ ...place, ...changed })}
        onStart={toStart}
        onEnd={toEnd}
        downloadHref={downloadHref}
      />
      {(scan.isRunning || scan.isStopped) && looked < lastSeq && (
        <div className="flex items-center gap-3 border-b border-border px-3 py-1 text-xs text-muted-foreground">
          <span className="shrink-0 tabular-nums">
            {t.lookedThrough(formatNumber(looked), formatNumber(lastSeq))}
          </span>
          <Progress
            label={t.lookedThrough(formatNumber(looked), formatNumber(lastSeq))}
            percent={(looked / lastSeq) * 100}
            className="flex-1"
          />
          {scan.isRunning ? (
            <Button size="sm" variant="ghost" onClick={scan.stop}>
              {t.stopLooking}
            </Button>
          ) : (
            <Button size="sm" variant="ghost" onClick={scan.resume}>
              {t.goOnLooking}
            </Button>
          )}
        </div>
      )}
      {marked && (
        <div className="flex items-center gap-x-2 border-b border-border bg-primary/8 px-3 py-1 text-sm">
          <span className="me-auto font-medium tabular-nums">
            {t.marked(formatNumber(marked.from), formatNumber(marked.to))}
          </span>
          <span aria-live="polite" className="text-xs text-muted-foreground">
            {copying === 'collecting' && t.collecting}
            {copying === 'copied' && t.copied}
            {copying === 'refused' && t.notCopied}
          </span>
          <Button size="sm" variant="ghost" onClick={() => void copyMarked()}>
            <Copy aria-hidden />
            <span className="max-sm:sr-only">{t.copyLines}</span>
          </Button>
          <Button size="sm" variant="ghost" onClick={() => void copyLink()}>
            <Link2 aria-hidden />
            <span className="max-sm:sr-only">{t.copyLink}</span>
          </Button>
          <IconButton size="sm" icon={X} label={t.unmark} onClick={unmark} />
        </div>
      )}
      <div className="relative min-h-0 flex-1">
        {phase.kind === 'failed' ? (
          <ErrorPanel error={phase.error} onRetry={source.retry} className="m-4" />
        ) : phase.kind === 'loading' && lastSeq === 0 ? (
          <Loading className="space-y-2.5 p-4">
            {[72, 48, 88, 40, 64, 56, 80, 32].map((share) => (
              <Skeleton key={share} className={`h-2.5 ${widths[share] ?? ''}`} />
            ))}
          </Loading>
        ) : lastSeq === 0 ? (
          <EmptyState
            icon={Terminal}
            title={store.isComplete() ? t.empty : t.waiting}
            text={store.isComplete() ? t.emptyText : t.waitingText}
          />
        ) : rows.count === 0 ? (
          <EmptyState
            icon={FilterX}
            title={t.nothingFits}
            text={t.nothingFitsText}
            action={
              <Button onClick={() => onPlace({ ...place, level: undefined, stream: undefined })}>
                {t.clearFilters}
              </Button>
            }
          />
        ) : (
          <LogList
            ref={list}
            source={source}
            rows={rows}
            isFollowing={isFollowing}
            onFollow={follow}
            wraps={wraps}
            since={since}
            query={query}
            currentHit={currentHit}
            marked={marked}
            onMark={onMark}
            onLoad={onLoad}
          />
        )}
        {!isFollowing && isReady && !store.isComplete() && lastSeq > 0 && (
          <div className="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
            <Button
              variant="primary"
              size="sm"
              className="pointer-events-auto rounded-full shadow-overlay"
              onClick={() => follow(true)}
            >
              <ArrowDown aria-hidden />
              {fresh > 0 ? t.newLines(formatNumber(fresh), fresh === 1) : t.follow}
            </Button>
          </div>
        )}
      </div>
      <LogStatus
        lastSeq={lastSeq}
        isComplete={store.isComplete()}
        trouble={source.trouble() !== null}
        onRetry={source.retry}
      />
    </section>
  )
}

const widths: Readonly<Record<number, string>> = {
  32: 'w-1/3',
  40: 'w-2/5',
  48: 'w-1/2',
  56: 'w-7/12',
  64: 'w-2/3',
  72: 'w-9/12',
  80: 'w-4/5',
  88: 'w-11/12',
}

const ordered = (one: number, other: number) => ({ from: Math.min(one, other), to: Math.max(one, other) })

/** The instant that the time column counts from: that of the first entry; null while it is not known. */
function startOf({ store }: LogSource): number | null {
  const at = store.firstAt()
  return at === null ? null : Date.parse(at)
}
