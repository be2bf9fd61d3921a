import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { LogOut, MonitorSmartphone } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { Session } from '../../contract/accounts.ts'
import { factorsQuery } from '../account/queries.ts'
import { useUser } from '../account/use-session.ts'
import { ApiError, api, codeOf } from '../lib/api.ts'
import { loadOffline } from '../lib/later.ts'
import { type Messages, useMessages } from '../lib/messages.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import { toDevice } from './device.ts'
import { FactorsCard } from './factors.tsx'
import { sessionsQuery } from './queries.ts'

/** Who one is here, the password, and where one is signed in. */
export function AccountSettings() {
  const t = useMessages('settings').account
  const user = useUser()
  // Whoever signs in in another way has none to change.
  const hasPassword = useQuery(factorsQuery).data?.hasPassword ?? true
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
      <div className="space-y-4">
        {user && (
          <Card className="flex items-center gap-3 p-4">
            <span
              aria-hidden
              className="grid size-10 shrink-0 place-items-center rounded-full border border-border bg-muted font-semibold uppercase"
            >
              {[...user.name][0]}
            </span>
            <div className="min-w-0">
              <p className="truncate font-semibold foreign">{user.name}</p>
              <p className="text-sm text-muted-foreground">{t.role(user.role)}</p>
            </div>
          </Card>
        )}
        {hasPassword && <PasswordCard name={user?.name ?? ''} />}
      </div>
      <div className="space-y-4">
        <FactorsCard />
        <SessionsCard />
      </div>
    </div>
  )
}

function PasswordCard({ name }: { readonly name: string }) {
  const t = useMessages('settings').account
  const queries = useQueryClient()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useMutation({
    mutationFn: () => api.account.changePassword({ body: { current, password } }),
    onSuccess: () => {
      setCurrent('')
      setPassword('')
      tellSuccess(t.changed)
      void loadOffline().then(({ forgetBefore }) => forgetBefore())
      void queries.invalidateQueries({ queryKey: ['account'] })
    },
  })
  const code = codeOf(change.error)
  const problem = change.error instanceof ApiError ? change.error.problem : undefined
  const isCurrentWrong = code === 'auth.wrong_credentials'
  const isTooWeak = code === 'auth.password_too_weak'
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!change.isPending) change.mutate()
  }
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.password}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.passwordText}</p>
      </CardHeader>
      <CardContent>
        <form onSubmit={submit} className="space-y-4 pt-1">
          {/* For password managers: whose password this is. */}
          <input type="text" autoComplete="username" value={name} readOnly hidden />
          <Field label={t.current} error={isCurrentWrong ? problem?.title : undefined}>
            <Input
              type="password"
              autoComplete="current-password"
              required
              value={current}
              onChange={({ target }) => setCurrent(target.value)}
            />
          </Field>
          <Field
            label={t.new}
            hint={t.newHint}
            error={isTooWeak ? (problem?.detail ?? problem?.title) : undefined}
            fix={isTooWeak ? problem?.fix : undefined}
          >
            <Input
              type="password"
              autoComplete="new-password"
              required
              value={password}
              onChange={({ target }) => setPassword(target.value)}
            />
          </Field>
          {change.isError && !isCurrentWrong && !isTooWeak && <ErrorPanel error={change.error} isCompact />}
          <Button type="submit" variant="primary" isLoading={change.isPending}>
            {t.change}
          </Button>
        </form>
      </CardContent>
    </Card>
  )
}

const nameOf = ({ userAgent }: Session, t: Messages['settings']['account']): string => {
  const { browser, system } = toDevice(userAgent)
  if (browser && system) return t.onSystem(browser, system)
  return browser ?? system ?? t.unknownDevice
}

function SessionsCard() {
  const t = useMessages('settings').account
  const sessions = useQuery(sessionsQuery)
  const queries = useQueryClient()
  const [asked, setAsked] = useState<Session | null>(null)
  const end = useMutation({
    mutationFn: ({ id }: Session) => api.account.revokeSession({ params: { id } }),
    onSuccess: () => {
      setAsked(null)
      tellSuccess(t.ended)
    },
    onError: tellFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: ['account', 'sessions'] }),
  })
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.sessions}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.sessionsText}</p>
      </CardHeader>
      {sessions.isPending && <SkeletonRows rows={3} />}
      {sessions.isError && (
        <ErrorPanel error={sessions.error} onRetry={() => void sessions.refetch()} className="m-4 mt-0" />
      )}
      <ul>
        {sessions.data?.items.map((session) => (
          <SessionLine key={session.id} session={session} onEnd={() => setAsked(session)} />
        ))}
      </ul>
      <ConfirmDialog
        open={asked !== null}
        onOpenChange={(open) => !open && setAsked(null)}
        title={t.endTitle}
        description={asked ? t.endText(nameOf(asked, t)) : ''}
        confirmLabel={t.end}
        isPending={end.isPending}
        onConfirm={() => asked && end.mutate(asked)}
      />
    </Card>
  )
}

function SessionLine({ session, onEnd }: { readonly session: Session; readonly onEnd: () => void }) {
  const t = useMessages('settings').account
  const { current, ip, userAgent, createdAt, lastSeenAt, expiresAt } = session
  const device = nameOf(session, t)
  return (
    <li className="flex items-center gap-3 border-t border-border px-4 py-3">
      <MonitorSmartphone aria-hidden className="size-5 shrink-0 text-muted-foreground max-sm:hidden" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium" title={userAgent ?? undefined}>
            {device}
          </span>
          {ip && <span className="text-muted-foreground foreign">{t.from(ip)}</span>}
          {current && <Badge tone="ok">{t.thisOne}</Badge>}
        </p>
        <p className="mt-0.5 flex flex-wrap gap-x-3 text-sm text-muted-foreground">
          <span>
            {t.lastSeen} <RelativeTime at={lastSeenAt} />
          </span>
          <span>
            {t.since} <RelativeTime at={createdAt} />
          </span>
          <span>
            {t.ends} <RelativeTime at={expiresAt} />
          </span>
        </p>
      </div>
      {!current && (
        <Button size="sm" variant="secondary" aria-label={t.endThis(device)} onClick={onEnd}>
          <LogOut aria-hidden />
          {t.end}
        </Button>
      )}
    </li>
  )
}
