import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Issue } from '../../../contract/errors.ts'
import type { Channel, MessageLanguage, NotificationRules } from '../../../contract/notifications.ts'
import { api } from '../../lib/api.ts'
import { formatDateTime } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { Field } from '../../ui/field.tsx'
import { Input } from '../../ui/input.tsx'
import { Select } from '../../ui/select.tsx'
import { tellFailure, tellSuccess } from '../../ui/toaster.tsx'
import { ChannelBoxes } from './routes-card.tsx'

interface TimesCardProps {
  readonly rules: NotificationRules
  readonly channels: readonly Channel[]
  readonly nextReportAt: string | null
  readonly issues: readonly Issue[]
  readonly isDirty: boolean
  readonly mayChange: boolean
  readonly onChange: (part: Partial<NotificationRules>) => void
}

/** The zone of this browser, offered first to whoever has not chosen one. */
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** When messages come: quiet hours, the morning report, and what is gathered. */
export function TimesCard({
  rules,
  channels,
  nextReportAt,
  issues,
  isDirty,
  mayChange,
  onChange,
}: TimesCardProps) {
  const t = useMessages('notifications')
  const { quiet, report, zone, language, groupSeconds, repeatAfterMinutes } = rules
  const [isPicking, setPicking] = useState(false)
  const wrong = (path: string) => issues.find((issue) => issue.path === path)?.message
  const send = useMutation({
    mutationFn: () => api.notifications.report({ body: {} }),
    onSuccess: ({ channels: count }) => tellSuccess(count > 0 ? t.reported(count) : t.reportNowhere),
    onError: tellFailure,
  })
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.times}</CardTitle>
      </CardHeader>
      <CardContent className="grid gap-6 pt-1 lg:grid-cols-2">
        <div className="min-w-0 space-y-4">
          <Checkbox
            label={t.quiet}
            hint={t.quietText}
            checked={quiet.isOn}
            onChange={({ target }) => onChange({ quiet: { ...quiet, isOn: target.checked } })}
          />
          {quiet.isOn && (
            <div className="space-y-4 ps-7.5">
              <div className="grid grid-cols-2 gap-3">
                <Field label={t.from} error={wrong('quiet.from')}>
                  <Input
                    type="time"
                    value={quiet.from}
                    onChange={({ target }) => onChange({ quiet: { ...quiet, from: target.value } })}
                  />
                </Field>
                <Field label={t.until} error={wrong('quiet.to')}>
                  <Input
                    type="time"
                    value={quiet.to}
                    onChange={({ target }) => onChange({ quiet: { ...quiet, to: target.value } })}
                  />
                </Field>
              </div>
              <Checkbox
                label={t.exceptCritical}
                checked={quiet.exceptCritical}
                onChange={({ target }) => onChange({ quiet: { ...quiet, exceptCritical: target.checked } })}
              />
            </div>
          )}
          <Checkbox
            label={t.report}
            hint={t.reportText}
            checked={report.isOn}
            onChange={({ target }) => onChange({ report: { ...report, isOn: target.checked } })}
          />
          {report.isOn && (
            <div className="space-y-4 ps-7.5">
              <Field label={t.at} error={wrong('report.at')} className="max-w-40">
                <Input
                  type="time"
                  value={report.at}
                  onChange={({ target }) => onChange({ report: { ...report, at: target.value } })}
                />
              </Field>
              <fieldset className="min-w-0">
                <legend className="mb-1.5 font-medium">{t.reportTo}</legend>
                <ChannelBoxes
                  channels={channels}
                  chosen={report.channelIds}
                  onChange={(channelIds) => onChange({ report: { ...report, channelIds } })}
                />
              </fieldset>
              <div className="flex flex-wrap items-center gap-3">
                {mayChange && (
                  <Button
                    size="sm"
                    variant="secondary"
                    disabled={isDirty}
                    isLoading={send.isPending}
                    onClick={() => send.mutate()}
                  >
                    {t.reportNow}
                  </Button>
                )}
                {nextReportAt && !isDirty && (
                  <span className="text-sm text-muted-foreground">
                    {t.nextReport}: {formatDateTime(nextReportAt)}
                  </span>
                )}
              </div>
            </div>
          )}
        </div>
        <div className="grid min-w-0 content-start gap-5 sm:grid-cols-2">
          <Field label={t.language} hint={t.languageHint} className="sm:col-span-2">
            <Select
              value={language}
              onChange={({ target }) => onChange({ language: target.value as MessageLanguage })}
            >
              {/* Each in its own words, for whoever reads only that one. */}
              <option value="en">English</option>
              <option value="de">Deutsch</option>
            </Select>
          </Field>
          <Field label={t.zone} error={wrong('zone')} className="sm:col-span-2">
            <Input
              mono
              spellCheck={false}
              list="zones"
              onFocus={() => setPicking(true)}
              value={zone}
              onChange={({ target }) => onChange({ zone: target.value })}
            />
          </Field>
          {isPicking && (
            // Some hundreds, so only for whoever picks one.
            <datalist id="zones">
              {[ownZone, ...Intl.supportedValuesOf('timeZone')].map((one, at) => (
                <option key={at === 0 ? 'own' : one} value={one} />
              ))}
            </datalist>
          )}
          <Field label={t.group} hint={t.groupHint} error={wrong('groupSeconds')}>
            <Input
              inputMode="numeric"
              value={String(groupSeconds)}
              onChange={({ target }) => onChange({ groupSeconds: Number(target.value.replace(/\D/g, '')) })}
            />
          </Field>
          <Field label={t.repeat} hint={t.repeatHint} error={wrong('repeatAfterMinutes')}>
            <Input
              inputMode="numeric"
              value={String(repeatAfterMinutes)}
              onChange={({ target }) =>
                onChange({ repeatAfterMinutes: Number(target.value.replace(/\D/g, '')) })
              }
            />
          </Field>
        </div>
      </CardContent>
    </Card>
  )
}
