import { clsx } from 'clsx'
import {
  ArrowDownToLine,
  ArrowUpToLine,
  ChevronDown,
  ChevronUp,
  Clock,
  Download,
  Search as SearchIcon,
  Timer,
  WrapText,
  X,
} from 'lucide-react'
import type { ReactNode, Ref } from 'react'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Input } from '../../ui/input.tsx'
import { Select } from '../../ui/select.tsx'
import { Tooltip } from '../../ui/tooltip.tsx'
import { setLogPreferences, useLogPreferences } from './log-preferences.ts'
import { levels, streams } from './log-store.ts'
import type { LogFilter } from './rows.ts'

interface LogToolbarProps {
  readonly searchRef: Ref<HTMLInputElement>
  readonly query: string
  readonly onQuery: (query: string) => void
  readonly hits: { readonly rank: number; readonly count: number } | null
  readonly onHit: (direction: 1 | -1) => void
  readonly filter: LogFilter
  readonly onFilter: (filter: LogFilter) => void
  readonly onStart: () => void
  readonly onEnd: () => void
  readonly downloadHref: string
}

/** Search, filters, and how lines are shown. */
export function LogToolbar(props: LogToolbarProps) {
  const { searchRef, query, onQuery, hits, onHit, filter, onFilter, onStart, onEnd, downloadHref } = props
  const t = useMessages('log')
  const { wraps, time } = useLogPreferences()
  return (
    <div
      role="toolbar"
      aria-label={t.toolbar}
      className="flex flex-wrap items-center gap-2 border-b border-border bg-card p-2"
    >
      <search className="relative min-w-0 flex-1 basis-full sm:basis-56">
        <SearchIcon
          aria-hidden
          className="pointer-events-none absolute top-1/2 start-3 size-4 -translate-y-1/2 text-muted-foreground"
        />
        <Input
          ref={searchRef}
          aria-label={t.search}
          placeholder={t.searchKey}
          enterKeyHint="search"
          value={query}
          onChange={(event) => onQuery(event.target.value)}
          className={clsx('ps-9', query && 'pe-44')}
        />
        {query && (
          <span className="absolute inset-y-0 end-1 flex items-center gap-0.5">
            <span aria-live="polite" className="px-1 text-xs text-muted-foreground tabular-nums">
              {hits === null
                ? '…'
                : hits.count === 0
                  ? t.noHits
                  : hits.rank > 0
                    ? t.hits(formatNumber(hits.rank), formatNumber(hits.count))
                    : t.hitCount(formatNumber(hits.count), hits.count === 1)}
            </span>
            <IconButton size="sm" icon={ChevronUp} label={t.previousHit} onClick={() => onHit(-1)} />
            <IconButton size="sm" icon={ChevronDown} label={t.nextHit} onClick={() => onHit(1)} />
            <IconButton size="sm" icon={X} label={t.clearSearch} onClick={() => onQuery('')} />
          </span>
        )}
      </search>
      <div className="no-scrollbar flex items-center gap-2 overflow-x-auto max-sm:w-full">
        <Select
          aria-label={t.level}
          value={filter.level ?? ''}
          onChange={({ target }) =>
            onFilter({ ...filter, level: levels.find((name) => name === target.value) })
          }
          className="w-28 shrink-0 sm:w-42"
        >
          <option value="">{t.levels.all}</option>
          {levels.slice(1).map((name) => (
            <option key={name} value={name}>
              {t.levels[name]}
            </option>
          ))}
        </Select>
        <Select
          aria-label={t.stream}
          value={filter.stream ?? ''}
          onChange={({ target }) =>
            onFilter({ ...filter, stream: streams.find((name) => name === target.value) })
          }
          className="w-28 shrink-0 sm:w-42"
        >
          <option value="">{t.streams.all}</option>
          {streams.map((name) => (
            <option key={name} value={name}>
              {t.streams[name]}
            </option>
          ))}
        </Select>
        <span className="ms-auto flex shrink-0 items-center">
          <Toggle isOn={wraps} label={t.wrap} onClick={() => setLogPreferences({ wraps: !wraps })}>
            <WrapText aria-hidden />
          </Toggle>
          <span className="hidden sm:contents">
            <IconButton
              icon={time === 'clock' ? Timer : Clock}
              label={time === 'clock' ? t.elapsed : t.clock}
              onClick={() => setLogPreferences({ time: time === 'clock' ? 'elapsed' : 'clock' })}
            />
          </span>
          <IconButton icon={ArrowUpToLine} label={t.toStart} onClick={onStart} />
          <IconButton icon={ArrowDownToLine} label={t.toEnd} onClick={onEnd} />
          <Tooltip content={t.download}>
            <Button asChild variant="ghost" size="icon">
              <a href={downloadHref} download aria-label={t.download}>
                <Download aria-hidden />
              </a>
            </Button>
          </Tooltip>
        </span>
      </div>
    </div>
  )
}

interface ToggleProps {
  readonly isOn: boolean
  readonly label: string
  readonly onClick: () => void
  readonly children: ReactNode
}

function Toggle({ isOn, label, onClick, children }: ToggleProps) {
  return (
    <Tooltip content={label}>
      <Button
        variant="ghost"
        size="icon"
        aria-label={label}
        aria-pressed={isOn}
        onClick={onClick}
        className={clsx(isOn && 'bg-muted text-foreground!')}
      >
        {children}
      </Button>
    </Tooltip>
  )
}
