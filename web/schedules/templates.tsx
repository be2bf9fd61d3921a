import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AgentId } from '../../contract/ids.ts'
import { agentsQuery } from '../agents/queries.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'

/** What many people want to run, with everything but the nodes filled in. */
export const templates = [
  { key: 'morning', agentId: 'system-health' as AgentId, cron: '0 7 * * *', targets: ['all'] },
  { key: 'docker', agentId: 'docker-janitor' as AgentId, cron: '0 2 * * 0', targets: ['docker-*'] },
  { key: 'backup', agentId: 'backup-validator' as AgentId, cron: '0 3 * * 1', targets: ['tag:backup'] },
] as const
export type TemplateKey = (typeof templates)[number]['key']

/** Ways to begin; only those whose agent is there. */
export function TemplateList() {
  const t = useMessages('schedules')
  const agents = useQuery(agentsQuery).data?.items ?? []
  const possible = templates.filter(({ agentId }) => agents.some(({ manifest }) => manifest.id === agentId))
  return (
    <div className="flex flex-wrap justify-center gap-2">
      {possible.map(({ key }) => (
        <Button key={key} asChild variant="secondary">
          <Link to="/schedules/new" search={{ template: key }}>
            {t.templates[key]}
          </Link>
        </Button>
      ))}
      <Button asChild variant={possible.length > 0 ? 'ghost' : 'primary'}>
        <Link to="/schedules/new">{t.create}</Link>
      </Button>
    </div>
  )
}
