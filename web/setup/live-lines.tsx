import { useEffect, useRef, useState } from 'react'
import type { LogEntry } from '../../contract/executions.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import { formatTime } from '../lib/format.ts'
import { live } from '../lib/live.ts'
import { useMessages } from '../lib/messages.ts'

/** A first run says some dozens of lines; the log view has the rest. */
const mostLines = 200

/** The newest lines of a run, as they come. */
export function LiveLines({ executionId }: { readonly executionId: ExecutionId }) {
  const t = useMessages('setup').run
  const lines = useLines(executionId)
  const end = useRef<HTMLLIElement>(null)
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' })
  }, [lines])
  return (
    // Scrolls by itself, so that it can be read by keyboard too.
    <section aria-label={t.lines} tabIndex={0} className="h-72 overflow-y-auto p-3 font-mono text-sm">
      <ol>
        {lines.map(({ seq, at, text, level }) => (
          <li key={seq} className="flex gap-3">
            <time dateTime={at} className="shrink-0 text-muted-foreground">
              {formatTime(at)}
            </time>
            <span
              className={
                level === 'error'
                  ? 'text-status-fail foreign'
                  : level === 'warn'
                    ? 'text-status-wait foreign'
                    : 'foreign'
              }
            >
              {text}
            </span>
          </li>
        ))}
        <li ref={end} aria-hidden />
      </ol>
    </section>
  )
}

function useLines(executionId: ExecutionId): readonly LogEntry[] {
  const [lines, setLines] = useState<readonly LogEntry[]>([])
  useEffect(() => {
    let last = 0
    setLines([])
    return live.follow(`log:${executionId}`, {
      after: () => last,
      hear: (frame) => {
        if (frame.type !== 'log') return
        const fresh = frame.entries.filter(({ seq, level }) => seq > last && level !== 'debug')
        last = Math.max(last, frame.entries.at(-1)?.seq ?? 0)
        setLines((before) => [...before, ...fresh].slice(-mostLines))
      },
    })
  }, [executionId])
  return lines
}
