import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ArrowUpRight, Globe, LockKeyhole, Server } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { OutgoingHost } from '../../contract/outgoing.ts'
import type { Settings } from '../../contract/settings.ts'
import { api } from '../lib/api.ts'
import { type Messages, useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Textarea } from '../ui/input.tsx'
import { RadioCards } from '../ui/radio-cards.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import { outgoingQuery, settingsQuery } from './queries.ts'

type Rules = Pick<Settings, 'outgoing' | 'outgoingHosts'>

/** What this server talks to by itself, why, how it went, and what it may. */
export function OutgoingSettings() {
  const t = useMessages('settings').outgoing
  const settings = useQuery(settingsQuery)
  const list = useQuery(outgoingQuery)
  const queries = useQueryClient()
  const [asked, setAsked] = useState<OutgoingHost | null>(null)
  const save = useMutation({
    mutationFn: (body: Partial<Rules>) => api.settings.change({ body }),
    onSuccess: (saved) => {
      queries.setQueryData(settingsQuery.queryKey, saved)
      setAsked(null)
      tellSuccess(t.saved)
      void queries.invalidateQueries({ queryKey: outgoingQuery.queryKey })
    },
    onError: tellFailure,
  })
  const failed = settings.isError ? settings : list.isError ? list : null
  if (failed) return <ErrorPanel error={failed.error} onRetry={() => void failed.refetch()} />
  return (
    <div className="space-y-4">
      <p className="max-w-prose text-muted-foreground text-pretty">{t.text}</p>
      <Card>
        <CardHeader>
          <CardTitle>{t.hosts}</CardTitle>
          <p className="text-sm text-muted-foreground">{t.hostsText}</p>
        </CardHeader>
        {(list.isPending || settings.isPending) && <SkeletonRows rows={4} />}
        {list.isSuccess && list.data.items.length === 0 && (
          <EmptyState icon={ArrowUpRight} title={t.none} text={t.noneText} />
        )}
        {list.isSuccess && list.data.items.length > 0 && (
          <HostTable hosts={list.data.items} onAllow={setAsked} />
        )}
      </Card>
      {settings.isSuccess && (
        <RulesCard
          key={settings.data.outgoingHosts.join()}
          rules={settings.data}
          isSaving={save.isPending}
          onChange={(changed) => save.mutate(changed)}
        />
      )}
      <AlsoCard />
      <ConfirmDialog
        open={asked !== null}
        onOpenChange={(isOpen) => !isOpen && setAsked(null)}
        title={t.allowTitle(asked?.host ?? '')}
        description={asked && isHazard(asked) ? t.allowHazard : t.allowText}
        confirmLabel={t.allow}
        isPending={save.isPending}
        onConfirm={() =>
          asked && save.mutate({ outgoingHosts: [...(settings.data?.outgoingHosts ?? []), asked.host] })
        }
      />
    </div>
  )
}

const isHazard = ({ lastResult }: OutgoingHost): boolean =>
  lastResult !== null && 'code' in lastResult && lastResult.code === 'outgoing.address_not_allowed'

function HostTable(props: {
  readonly hosts: readonly OutgoingHost[]
  readonly onAllow: (host: OutgoingHost) => void
}) {
  const t = useMessages('settings').outgoing
  return (
    <Table label={t.hosts} stack="wide">
      <TableHead>
        <Th>{t.host}</Th>
        <Th>{t.purpose}</Th>
        <Th>{t.state}</Th>
        <Th>{t.last}</Th>
        <Th>{t.result}</Th>
        <Th>
          <span className="sr-only">{t.actions}</span>
        </Th>
      </TableHead>
      <TableBody>
        {props.hosts.map((one) => (
          <Row key={`${one.purpose} ${one.host}`}>
            <Td className="font-medium">
              <span className="block font-mono text-sm wrap-anywhere md:min-w-44 foreign">{one.host}</span>
            </Td>
            <Td label={t.purpose} className="whitespace-nowrap">
              {t.purposes[one.purpose]}
            </Td>
            <Td label={t.state}>
              {one.isAllowed ? <Badge tone="ok">{t.allowed}</Badge> : <Badge tone="wait">{t.refused}</Badge>}
            </Td>
            <Td label={t.last}>{one.lastAt ? <RelativeTime at={one.lastAt} /> : t.notYet}</Td>
            <Td label={t.result}>{toWords(one, t)}</Td>
            <Td align="right" className={one.isAllowed ? 'stacked:hidden' : undefined}>
              {!one.isAllowed && (
                <Button
                  size="sm"
                  variant="secondary"
                  aria-label={t.allowThis(one.host)}
                  onClick={() => props.onAllow(one)}
                >
                  {t.allow}
                </Button>
              )}
            </Td>
          </Row>
        ))}
      </TableBody>
    </Table>
  )
}

function toWords({ lastResult }: OutgoingHost, t: Messages['settings']['outgoing']): string {
  if (lastResult === null) return '–'
  if ('connected' in lastResult) return t.connected
  if ('status' in lastResult) return t.answered(lastResult.status)
  return t.results[lastResult.code] ?? lastResult.code
}

interface RulesCardProps {
  readonly rules: Rules
  readonly isSaving: boolean
  readonly onChange: (changed: Partial<Rules>) => void
}

function RulesCard({ rules, isSaving, onChange }: RulesCardProps) {
  const t = useMessages('settings').outgoing
  const saved = rules.outgoingHosts.join('\n')
  const [draft, setDraft] = useState(saved)
  const hosts = [
    ...new Set(
      draft
        .split(/[\s,]+/)
        .filter(Boolean)
        .map((host) => host.toLowerCase()),
    ),
  ]
  const wrong = hosts.find((host) => !looksLikeHost.test(host))
  const isChanged = hosts.join('\n') !== saved
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (wrong === undefined && isChanged) onChange({ outgoingHosts: hosts })
  }
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.rules}</CardTitle>
      </CardHeader>
      <CardContent className="space-y-5 pt-1">
        <RadioCards
          label={t.mode}
          name="outgoing"
          columns={2}
          value={rules.outgoing}
          onChange={({ target }) => onChange({ outgoing: target.value as Rules['outgoing'] })}
          options={[
            { value: 'open', ...t.modes.open, icon: Globe },
            { value: 'strict', ...t.modes.strict, icon: LockKeyhole },
          ]}
        />
        <form onSubmit={submit} className="max-w-xl space-y-3">
          <Field label={t.named} hint={t.namedHint} error={wrong === undefined ? undefined : t.wrong(wrong)}>
            <Textarea
              mono
              rows={4}
              spellCheck={false}
              value={draft}
              onChange={({ target }) => setDraft(target.value)}
            />
          </Field>
          <Button type="submit" variant="primary" disabled={!isChanged} isLoading={isSaving}>
            {t.save}
          </Button>
        </form>
      </CardContent>
    </Card>
  )
}

/** As `namedHost` of the contract has it; the server has the last word. */
const looksLikeHost = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::\d{1,5})?$/

/** What is not HTTP, so that the page tells of everything. */
function AlsoCard() {
  const t = useMessages('settings').outgoing
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.also}</CardTitle>
      </CardHeader>
      <CardContent className="pt-1">
        <ul className="space-y-2">
          {t.alsoLines.map((line) => (
            <li key={line} className="flex gap-2.5">
              <Server aria-hidden className="mt-0.5 size-4 shrink-0 text-muted-foreground" />
              <span className="text-pretty">{line}</span>
            </li>
          ))}
        </ul>
      </CardContent>
    </Card>
  )
}
