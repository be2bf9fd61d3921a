import { type Weekday, weekdayWords } from '../../contract/occurrences.ts'
import type { Schedule } from '../../contract/schedules.ts'
import { formatWeekday } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { weekdaysInOrder } from './form-values.ts'
import { AgentItem, Item, OptionsItem, SettingsCard } from './settings-list.tsx'

/** How it is set, in words. */
export function ScheduleSettings({ schedule }: { readonly schedule: Schedule }) {
  const t = useMessages('schedules')
  const { agentId, targets, options, dryRun, catchUp, overlap, jitterS, blackouts, timing } = schedule
  const { notifications, createdBy } = schedule
  return (
    <SettingsCard title={t.settings}>
      <AgentItem label={t.agent} agentId={agentId} dryRun={dryRun ? t.dryRun : null} />
      <Item label={t.nodes}>
        <span className="foreign">{targets.join(', ')}</span>
      </Item>
      <OptionsItem label={t.options} options={options} />
      {timing.kind === 'cron' && (
        <Item label={t.cron}>
          <code>{timing.cron}</code>
        </Item>
      )}
      <Item label={t.catchUp}>{t.catchUps[catchUp.policy][0]}</Item>
      <Item label={t.overlap}>{t.overlaps[overlap][0]}</Item>
      {jitterS > 0 && <Item label={t.jitter}>{t.jitterUpTo(Math.round(jitterS / 60))}</Item>}
      {blackouts.length > 0 && (
        <Item label={t.blackout}>
          {blackouts
            .map(({ days, from, to }) =>
              [...weekdaysInOrder.filter((day) => days.includes(day)).map(dayName), `${from}–${to}`].join(
                ' ',
              ),
            )
            .join(', ')}
        </Item>
      )}
      {notifications && (
        <Item label={t.notifications}>
          <span className="foreign">{Object.keys(notifications).join(', ')}</span>
        </Item>
      )}
      <Item label={t.createdBy}>
        <span className="foreign">{createdBy}</span>
      </Item>
    </SettingsCard>
  )
}

const dayName = (day: Weekday): string => formatWeekday(weekdayWords.indexOf(day))
