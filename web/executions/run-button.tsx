import { ChevronDown, Play } from 'lucide-react'
import type { AgentId } from '../../contract/ids.ts'
import { useCan } from '../account/use-session.ts'
import { isOffline, useConnection } from '../lib/connection.ts'
import { useMessages } from '../lib/messages.ts'
import { askToRun, type RunRequest } from '../lib/run-request.ts'
import { Button, type ButtonProps } from '../ui/button.tsx'
import { Opener } from '../ui/opener.tsx'
import { Tooltip } from '../ui/tooltip.tsx'

const loadWays = async () => (await import('./run-ways.tsx')).RunWays

/** Why nothing can be started now; null when it can. */
export function useWhyNotRun(): string | null {
  const t = useMessages('executions')
  const mayRun = useCan('execution.start')
  const isAway = useConnection(isOffline)
  if (!mayRun) return t.notAllowed
  return isAway ? t.offline : null
}

interface RunButtonProps extends Pick<ButtonProps, 'variant' | 'size' | 'className'> {
  readonly request?: RunRequest
  /** “Run” when left out. */
  readonly label?: string
}

/** Opens the run dialog with what is known already. Nothing is there for those whose role never runs anything. */
export function RunButton({ request = {}, label, ...look }: RunButtonProps) {
  const t = useMessages('executions')
  const mayRun = useCan('execution.start')
  const why = useWhyNotRun()
  if (!mayRun) return null
  const button = (
    <Button
      {...look}
      aria-disabled={why !== null || undefined}
      onClick={() => why === null && askToRun(request)}
    >
      <Play aria-hidden />
      {label ?? t.run}
    </Button>
  )
  return why === null ? button : <Tooltip content={why}>{button}</Tooltip>
}

interface RunSplitButtonProps {
  readonly agentId: AgentId
  readonly title: string
  /** Whether the agent can change something, so that a dry run is another thing than a run. */
  readonly canChange: boolean
  readonly isStarting: boolean
  readonly isDisabled?: boolean
  readonly onStart: (how: { readonly dryRun: boolean }) => void
  /** For the dialog: what is chosen so far. */
  readonly request: RunRequest
}

/** Run at once, or by the menu beside: as a dry run, or with options. */
export function RunSplitButton(props: RunSplitButtonProps) {
  const { title, canChange, isStarting, isDisabled = false, onStart, request } = props
  const t = useMessages('executions')
  const why = useWhyNotRun()
  const isOff = why !== null || isDisabled
  const run = (
    <Button
      size="sm"
      variant="secondary"
      className="rounded-e-none"
      aria-label={t.runTitle(title)}
      aria-disabled={isOff || undefined}
      isLoading={isStarting}
      onClick={() => !isOff && onStart({ dryRun: false })}
    >
      <Play aria-hidden />
      {t.run}
    </Button>
  )
  return (
    <span className="inline-flex shrink-0">
      {why === null ? run : <Tooltip content={why}>{run}</Tooltip>}
      <Opener
        opens="menu"
        load={loadWays}
        trigger={(trigger) => (
          <Button
            {...trigger}
            size="icon-sm"
            variant="secondary"
            aria-label={t.moreWays(title)}
            disabled={why !== null}
            className="-ms-px rounded-s-none"
          >
            <ChevronDown aria-hidden />
          </Button>
        )}
      >
        {(RunWays, opening) => (
          <RunWays
            opening={opening}
            canChange={canChange}
            isOff={isOff}
            onDryRun={() => onStart({ dryRun: true })}
            onOptions={() => askToRun({ agentId: props.agentId, ...request })}
          />
        )}
      </Opener>
    </span>
  )
}
