import { finalStates } from '../../../contract/execution-states.ts'
import type { AgentId } from '../../../contract/ids.ts'
import type { FiringCause, Trigger } from '../../../contract/triggers.ts'
import { useAgentTitle } from '../../executions/list-queries.ts'
import { useMessages } from '../../lib/messages.ts'

/** What a trigger waits for, in a sentence. */
export function useWhen(): (trigger: Pick<Trigger, 'when'>) => string {
  const t = useMessages('triggers')
  const ui = useMessages('ui')
  const titleOf = useAgentTitle()
  return ({ when }) => {
    switch (when.kind) {
      case 'finding': {
        const states = when.states.map((state) => t.states[state]).join(t.or)
        return t.sentence.finding(states, ui.severities[when.least])
      }
      case 'node-back':
        return t.sentence.nodeBack
      case 'execution':
        return t.sentence.execution(
          when.agents.map(titleOf).join(', ') || t.anyAgent,
          when.outcomes.map((outcome) => ui.states[outcome]).join(t.or),
        )
      case 'disk':
        return t.sentence.disk(when.percent)
      case 'cost':
        return t.sentence.cost(when.percent, t.limits[when.limit])
      case 'webhook':
        return when.signed ? t.sentence.webhook : t.sentence.openWebhook
    }
  }
}

/** What something happened to, in words: hostile text of nodes among it. */
export function useCause(): (cause: FiringCause) => string {
  const t = useMessages('triggers')
  const ui = useMessages('ui')
  const titleOf = useAgentTitle()
  const wordsOf = ({ kind, title }: FiringCause): string | null => {
    // `system-health: failed`, as the server names an agent and an outcome.
    const [, agent, outcome] = (kind === 'execution' && /^([\w-]+): ([\w-]+)$/.exec(title ?? '')) || []
    const state = finalStates.find((one) => one === outcome)
    return agent && state ? `${titleOf(agent as AgentId)}: ${ui.states[state]}` : title
  }
  return (cause) =>
    [t.causes[cause.kind], [cause.nodeName, wordsOf(cause)].filter(Boolean).join(': ')]
      .filter(Boolean)
      .join(' · ')
}
