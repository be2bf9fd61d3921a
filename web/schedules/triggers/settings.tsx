import type { Trigger } from '../../../contract/triggers.ts'
import { useAgentTitle } from '../../executions/list-queries.ts'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { AgentItem, Item, OptionsItem, SettingsCard } from '../settings-list.tsx'

/** How it is set, in words. */
export function TriggerSettings({ trigger }: { readonly trigger: Trigger }) {
  const t = useMessages('triggers')
  const titleOf = useAgentTitle()
  const { when, agentId, targets, options, dryRun, coolDownMinutes, createdBy } = trigger
  const list = (label: string, items: readonly string[] | undefined) =>
    items && items.length > 0 ? (
      <Item label={label}>
        <span className="foreign">{items.join(', ')}</span>
      </Item>
    ) : null
  return (
    <SettingsCard title={t.settings}>
      {list(t.onNodes, 'nodes' in when ? when.nodes : undefined)}
      {list(t.ofAgents, 'agents' in when ? when.agents.map(titleOf) : undefined)}
      {list(t.rules, 'rules' in when ? when.rules : undefined)}
      {list(t.mounts, 'mounts' in when ? when.mounts : undefined)}
      <AgentItem label={t.agent} agentId={agentId} dryRun={dryRun ? t.dryRun : null} />
      <Item label={t.nodes}>
        {targets ? <span className="foreign">{targets.join(', ')}</span> : t.sameNode}
      </Item>
      <OptionsItem label={t.options} options={options} />
      <Item label={t.coolDownShort}>{t.minutes(coolDownMinutes, formatNumber(coolDownMinutes))}</Item>
      <Item label={t.createdBy}>
        <span className="foreign">{createdBy}</span>
      </Item>
    </SettingsCard>
  )
}
