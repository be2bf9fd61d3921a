import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { BackupRules } from '../../../contract/own-backups.ts'
import { api } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { Switch } from '../../ui/checkbox.tsx'
import { Field } from '../../ui/field.tsx'
import { Select } from '../../ui/select.tsx'
import { tellFailure, tellSuccess } from '../../ui/toaster.tsx'
import { ownBackupsQuery } from '../queries.ts'

const hours = Array.from({ length: 24 }, (_, hour) => hour)

/** When backups are made, and what is in them. Each change counts at once. */
export function RulesCard({ rules }: { readonly rules: BackupRules }) {
  const t = useMessages('ownBackups')
  const queries = useQueryClient()
  const save = useMutation({
    mutationFn: (changed: Partial<BackupRules>) =>
      api.ownBackups.setRules({ body: { ...rules, ...changed } }),
    onSuccess: () => tellSuccess(t.rulesSaved),
    onError: tellFailure,
    onSettled: () => void queries.invalidateQueries({ queryKey: ownBackupsQuery.queryKey }),
  })
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.rules}</CardTitle>
      </CardHeader>
      <CardContent className="max-w-xl space-y-4 pt-1">
        <Switch
          label={t.nightly}
          checked={rules.isOn}
          disabled={save.isPending}
          onChange={({ target }) => save.mutate({ isOn: target.checked })}
        />
        <Field label={t.hour} hint={t.hourHint}>
          <Select
            value={String(rules.hour)}
            disabled={!rules.isOn || save.isPending}
            className="max-w-32"
            onChange={({ target }) => save.mutate({ hour: Number(target.value) })}
          >
            {hours.map((hour) => (
              <option key={hour} value={hour}>
                {`${String(hour).padStart(2, '0')}:00`}
              </option>
            ))}
          </Select>
        </Field>
        <Switch
          label={t.hasLogs}
          hint={t.hasLogsHint}
          checked={rules.hasLogs}
          disabled={save.isPending}
          onChange={({ target }) => save.mutate({ hasLogs: target.checked })}
        />
      </CardContent>
    </Card>
  )
}
