import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import type { ExecutionState } from '../../contract/executions.ts'
import { useMessages } from '../lib/messages.ts'
import { stateLooks } from './status-badge.tsx'
import { type Tone, toneFill } from './tone.ts'
import { Tooltip } from './tooltip.tsx'

export interface StripRun {
  readonly id: string
  readonly state: ExecutionState
  /** What it was, for the tooltip and for those who listen: “System Health on nas, 2 hours ago”. */
  readonly label: string
}

/** Put onto a link by `renderLink`. */
interface BarLink {
  readonly className: string
  readonly 'aria-label': string
  readonly children: ReactNode
}

interface RunStripProps<Run extends StripRun> {
  /** Newest last. */
  readonly runs: readonly Run[]
  /** Makes each bar a link: `(run, props) => <Link to="/executions/$id" params={{ id: run.id }} {...props} />`. */
  readonly renderLink?: (run: Run, props: BarLink) => ReactNode
}

/** Height says the same as colour, for those who do not see it. */
const heights: Record<Tone, string> = {
  ok: 'h-[55%]',
  run: 'h-[75%] animate-breathe',
  wait: 'h-full',
  fail: 'h-full',
  missed: 'h-full',
  idle: 'h-[30%]',
}

/** How the last executions went, as a row of bars. */
export function RunStrip<Run extends StripRun>({ runs, renderLink }: RunStripProps<Run>) {
  const t = useMessages('ui')
  if (runs.length === 0) return <span className="text-sm text-muted-foreground">{t.runStrip.none}</span>
  return (
    <ol aria-label={t.runStrip.label(runs.length)} className="flex h-6 max-w-full overflow-hidden">
      {runs.map((run) => {
        const name = `${t.states[run.state]}: ${run.label}`
        const { tone } = stateLooks[run.state]
        const bar = <span className={clsx('w-full rounded-[3px]', toneFill[tone], heights[tone])} />
        const look = 'flex h-full w-full items-end rounded-sm'
        return (
          <li key={run.id} className={clsx('flex h-full', renderLink ? 'w-6' : 'w-2.5')}>
            {renderLink ? (
              <Tooltip content={name}>
                <span className="flex h-full w-full">
                  {renderLink(run, {
                    className: clsx(look, 'px-1 hover:bg-muted focus-visible:-outline-offset-2'),
                    'aria-label': name,
                    children: bar,
                  })}
                </span>
              </Tooltip>
            ) : (
              <span role="img" aria-label={name} title={name} className={clsx(look, 'px-0.5')}>
                {bar}
              </span>
            )}
          </li>
        )
      })}
    </ol>
  )
}
