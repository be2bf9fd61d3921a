import { Link } from '@tanstack/react-router'
import type { Execution } from '../../contract/executions.ts'
import { useAgentTitle } from '../executions/list-queries.ts'
import { formatRelative } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { RunStrip } from '../ui/run-strip.tsx'

interface ExecutionStripProps {
  /** Oldest first. */
  readonly runs: readonly Execution[]
  /** Each bar leads to its execution; not inside of something that is a link itself. */
  readonly isLinked?: boolean
}

/** The last executions of something, as bars. */
export function ExecutionStrip({ runs, isLinked = true }: ExecutionStripProps) {
  const t = useMessages('dashboard')
  const titleOf = useAgentTitle()
  const bars = runs.map((run) => ({
    id: run.id,
    state: run.state,
    label: t.runOf(titleOf(run.agentId), run.nodeName, formatRelative(run.queuedAt)),
  }))
  if (!isLinked) return <RunStrip runs={bars} />
  return (
    <RunStrip
      runs={bars}
      renderLink={({ id }, props) => <Link to="/executions/$id" params={{ id }} {...props} />}
    />
  )
}
