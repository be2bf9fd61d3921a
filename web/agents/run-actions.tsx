import { FlaskConical, Play } from 'lucide-react'
import type { AgentManifest } from '../../contract/agent-manifest.ts'
import { useCan } from '../account/use-session.ts'
import { isOffline, useConnection } from '../lib/connection.ts'
import { useMessages } from '../lib/messages.ts'
import { askToRun } from '../lib/run-request.ts'
import { Button, type ButtonProps } from '../ui/button.tsx'
import { Tooltip } from '../ui/tooltip.tsx'

interface RunActionsProps extends Pick<ButtonProps, 'size'> {
  readonly manifest: AgentManifest
  readonly options?: Readonly<Record<string, unknown>>
  readonly variant?: 'primary' | 'secondary'
  readonly label?: string
  readonly isDisabled?: boolean
}

/**
 * Run, and where the agent can change something, Dry run. Both open the run dialog. Nothing is there for those whose
 * role never runs anything.
 */
export function RunActions(props: RunActionsProps) {
  const { manifest, options, size = 'md', variant = 'secondary', label, isDisabled = false } = props
  const t = useMessages('agents')
  const offline = useMessages('offline')
  const mayRun = useCan('execution.start')
  const isAway = useConnection(isOffline)
  if (!mayRun) return null
  const why = isAway ? offline.reason : null
  const isOff = why !== null || isDisabled
  const ask = (dryRun: boolean) => {
    if (!isOff) askToRun({ agentId: manifest.id, options, dryRun })
  }
  const run = (
    <Button size={size} variant={variant} aria-disabled={isOff || undefined} onClick={() => ask(false)}>
      <Play aria-hidden />
      {label ?? t.run}
      <span className="sr-only">: {manifest.title}</span>
    </Button>
  )
  return (
    <>
      {manifest.actions.length > 0 && (
        <Button size={size} variant="secondary" aria-disabled={isOff || undefined} onClick={() => ask(true)}>
          <FlaskConical aria-hidden />
          {t.dryRun}
          <span className="sr-only">: {manifest.title}</span>
        </Button>
      )}
      {why === null ? run : <Tooltip content={why}>{run}</Tooltip>}
    </>
  )
}
