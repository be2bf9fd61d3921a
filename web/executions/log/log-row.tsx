import { clsx } from 'clsx'
import { CircleX, Scissors, TriangleAlert } from 'lucide-react'
import { memo, useMemo } from 'react'
import type { LogEntry } from '../../../contract/executions.ts'
import { formatBytes, formatClock, formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { readAnsi } from './ansi.ts'
import { formatElapsed } from './elapsed.ts'
import { classesOf } from './look-classes.ts'
import { toPieces } from './pieces.ts'

/** A line that is longer is folded to its beginning, characters. */
const foldedLength = 2_000

interface LogRowProps {
  readonly entry: LogEntry
  readonly query: string
  readonly wraps: boolean
  readonly isUnfolded: boolean
  /** The instant that times count from, milliseconds; null for the time of day. */
  readonly since: number | null
  readonly isMarked: boolean
  readonly isCurrentHit: boolean
  /** Called with the number, and whether the mark is to reach to here. */
  readonly onMark: (seq: number, isReach: boolean) => void
  readonly onFold: (seq: number) => void
}

/** What one entry looks like. Everything in it that came from a node is text, kept to its own side of the line. */
export const LogRow = memo(function LogRow(props: LogRowProps) {
  const { entry, since, isMarked, isCurrentHit, onMark } = props
  const t = useMessages('log')
  const { seq, at, level, stream } = entry
  return (
    <div
      className={clsx(
        'flex min-w-full border-s-2 pe-3',
        isMarked
          ? 'border-primary bg-primary/12'
          : level === 'error'
            ? 'border-status-fail bg-status-fail/7'
            : level === 'warn'
              ? 'border-status-wait bg-status-wait/7'
              : 'border-transparent hover:bg-muted/60',
        isCurrentHit && 'outline-1 -outline-offset-1 outline-ring',
      )}
    >
      <button
        type="button"
        tabIndex={-1}
        aria-label={t.line(String(seq))}
        onClick={(event) => onMark(seq, event.shiftKey)}
        className={clsx(
          'min-w-[6ch] shrink-0 self-start pe-2 text-end tabular-nums select-none hover:text-foreground hover:underline',
          isMarked ? 'font-semibold text-foreground' : 'text-muted-foreground',
        )}
      >
        {seq}
      </button>
      <time
        dateTime={at}
        className="hidden shrink-0 pe-3 text-end text-muted-foreground tabular-nums select-none sm:inline-block sm:min-w-[13ch]"
      >
        {since === null ? formatClock(at) : formatElapsed(Date.parse(at) - since)}
      </time>
      <span className="inline-flex min-w-[6ch] shrink-0 items-start gap-1 pe-[1ch] whitespace-nowrap text-muted-foreground select-none sm:min-w-[8ch]">
        <span className={clsx(stream === 'err' && 'font-semibold text-foreground')}>{t.marks[stream]}</span>
        {level === 'error' && (
          <CircleX aria-label={t.levelNames.error} className="mt-1 size-3 text-status-fail" />
        )}
        {level === 'warn' && stream !== 'gap' && (
          <TriangleAlert aria-label={t.levelNames.warn} className="mt-1 size-3 text-status-wait" />
        )}
      </span>
      {stream === 'gap' ? <GapText entry={entry} /> : <Text {...props} />}
    </div>
  )
})

function GapText({ entry: { text, message } }: Pick<LogRowProps, 'entry'>) {
  const t = useMessages('log')
  const bytes = Number(message?.bytes ?? 0)
  const count = Number(message?.count ?? 0)
  return (
    <span className="inline-flex items-center gap-2 font-sans text-foreground">
      <Scissors aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />
      <span data-text>
        {bytes > 0
          ? t.leftOutBytes(formatBytes(bytes))
          : count > 0
            ? t.leftOutMessages(formatNumber(count))
            : text}
      </span>
    </span>
  )
}

function Text({ entry: { seq, text, level }, query, wraps, isUnfolded, onFold }: LogRowProps) {
  const t = useMessages('log')
  const isLong = text.length > foldedLength
  const shown = isLong && !isUnfolded ? text.slice(0, foldedLength) : text
  const pieces = useMemo(() => toPieces(readAnsi(shown), query), [shown, query])
  const isWrapped = wraps || isUnfolded
  return (
    <span
      className={clsx(
        '[tab-size:8]',
        isWrapped ? 'min-w-0 flex-1 whitespace-pre-wrap wrap-anywhere' : 'whitespace-pre',
        level === 'debug' && 'text-muted-foreground',
      )}
    >
      <bdi data-text className="text-start">
        {pieces.map(({ text: part, look, isHit }, index) => {
          const classes = look ? classesOf(look) : ''
          if (isHit) {
            return (
              <mark key={index} className={clsx(classes, 'rounded-xs bg-status-wait/35 text-foreground!')}>
                {part}
              </mark>
            )
          }
          return classes ? (
            <span key={index} className={classes}>
              {part}
            </span>
          ) : (
            part
          )
        })}
      </bdi>
      {isLong && (
        <button
          type="button"
          onClick={() => onFold(seq)}
          className="ms-2 rounded-xs border border-border bg-card px-1.5 font-sans text-xs text-foreground select-none hover:bg-muted"
        >
          {isUnfolded ? t.showLess : t.showAll(formatNumber(text.length))}
        </button>
      )}
    </span>
  )
}
