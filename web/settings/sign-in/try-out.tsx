import { useMutation, useQuery } from '@tanstack/react-query'
import { Radar, UserRoundCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Provider, ProviderFacts, ProviderTrial } from '../../../contract/single-sign-on.ts'
import { leaveFor } from '../../account/leaving.ts'
import { useCan } from '../../account/use-session.ts'
import { api } from '../../lib/api.ts'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { trialQuery } from '../queries.ts'

/** A difference that matters: sign-ins fail from a minute on. */
const clockMattersS = 30

/** What the provider says, before anybody depends on it. */
export function TryOut({ provider }: { readonly provider: Provider }) {
  const t = useMessages('signIn').try
  const mayTry = useCan('provider.write')
  const trial = useQuery({ ...trialQuery, enabled: mayTry })
  const ask = useMutation({ mutationFn: () => api.provider.inspect({ body: {} }) })
  const begin = useMutation({
    mutationFn: () => api.provider.try({ body: {} }),
    onSuccess: ({ url }) => leaveFor(url, undefined),
  })
  if (!mayTry) return null
  const last = trial.data?.trial
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.title}</CardTitle>
        <p className="text-sm text-muted-foreground text-pretty">{t.text}</p>
      </CardHeader>
      <CardContent className="space-y-5 pt-2">
        <div className="flex flex-wrap gap-2">
          <Button variant="secondary" isLoading={ask.isPending} onClick={() => ask.mutate()}>
            <Radar aria-hidden />
            {t.ask}
          </Button>
          <Button
            variant="secondary"
            isLoading={begin.isPending || begin.isSuccess}
            onClick={() => begin.mutate()}
          >
            <UserRoundCheck aria-hidden />
            {t.signIn}
          </Button>
        </div>
        {ask.isError && <ErrorPanel error={ask.error} isCompact />}
        {begin.isError && <ErrorPanel error={begin.error} isCompact />}
        {ask.data && <Facts facts={ask.data} wanted={provider.scopes} />}
        {last && <LastTrial trial={last} groupClaim={provider.groupClaim} />}
      </CardContent>
    </Card>
  )
}

function Facts({ facts, wanted }: { readonly facts: ProviderFacts; readonly wanted: readonly string[] }) {
  const t = useMessages('signIn').try
  const { clockAheadS: ahead } = facts
  const seconds = formatNumber(Math.abs(ahead ?? 0))
  const isClockOff = Math.abs(ahead ?? 0) >= clockMattersS
  const missing = facts.scopes === null ? [] : wanted.filter((scope) => !facts.scopes?.includes(scope))
  return (
    <section aria-label={t.asked} role="status" className="space-y-2">
      <h3 className="font-medium">{t.asked}</h3>
      <Pairs>
        <Pair name={t.issuer}>
          <code className="text-sm foreign">{facts.issuer}</code>
        </Pair>
        <Pair name={t.redirect} isWrong={facts.redirect === 'refused'}>
          {t.redirects[facts.redirect]}
        </Pair>
        <Pair name={t.clock} isWrong={isClockOff}>
          {ahead === null
            ? t.notSaid
            : !isClockOff
              ? t.clockSame
              : ahead > 0
                ? t.clockAhead(seconds)
                : t.clockBehind(seconds)}
        </Pair>
        <Pair name={t.algorithms} isWrong={facts.keys === 0}>
          {facts.algorithms.join(', ')} · {t.keys(facts.keys)}
        </Pair>
        <Pair name={t.pkce}>{facts.pkce ? t.yes : t.notSaid}</Pair>
        <Pair name={t.scopes} isWrong={missing.length > 0}>
          <span className="foreign">{facts.scopes?.join(', ') ?? t.notSaid}</span>
          {missing.length > 0 && <span className="block">{t.missingScopes(missing.join(', '))}</span>}
        </Pair>
        <Pair name={t.claims}>
          <span className="foreign">{facts.claims?.join(', ') ?? t.notSaid}</span>
        </Pair>
        <Pair name={t.logout}>{facts.backChannelLogout ? t.yes : t.no}</Pair>
      </Pairs>
    </section>
  )
}

interface LastTrialProps {
  readonly trial: ProviderTrial
  readonly groupClaim: string
}

function LastTrial({ trial: { at, outcome }, groupClaim }: LastTrialProps) {
  const t = useMessages('signIn').try
  const { roles: titles } = useMessages('settings').tokens
  return (
    <section aria-label={t.last} role="status" className="space-y-2">
      <h3 className="flex flex-wrap items-baseline gap-x-2 font-medium">
        {t.last}
        <span className="text-sm font-normal text-muted-foreground">
          <RelativeTime at={at} />
        </span>
      </h3>
      {outcome.kind === 'failed' ? (
        <div className="rounded-lg border border-status-fail/35 bg-status-fail/5 p-3">
          <p className="font-semibold">{t.failed}</p>
          <p className="font-medium foreign">{outcome.problem.title}</p>
          <p className="text-muted-foreground">{outcome.problem.fix}</p>
          {outcome.said !== null && (
            <p className="mt-2 text-sm">
              {t.said}: <code className="foreign">{outcome.said}</code>
            </p>
          )}
        </div>
      ) : (
        <>
          <p className="flex flex-wrap items-center gap-2">
            {outcome.role === null ? (
              <Badge tone="fail">{t.wouldNot}</Badge>
            ) : (
              <>
                <span className="foreign">{t.wouldBe(outcome.name)}</span>
                <Badge tone="ok">{t.withRole(titles[outcome.role].title)}</Badge>
              </>
            )}
          </p>
          {outcome.groups === null && <p className="text-status-fail text-pretty">{t.noClaim(groupClaim)}</p>}
          <Pairs>
            <Pair name={t.subject}>
              <code className="text-sm foreign">{outcome.subject}</code>
            </Pair>
            <Pair name={t.groups}>
              <span className="foreign">{outcome.groups?.join(', ') || t.noGroups}</span>
            </Pair>
          </Pairs>
          <details>
            <summary className="cursor-pointer text-sm text-muted-foreground">{t.sent}</summary>
            <div className="mt-2">
              <Pairs>
                {outcome.claims.map(({ name, value }) => (
                  <Pair key={name} name={name}>
                    <code className="text-sm break-all foreign">{value}</code>
                  </Pair>
                ))}
              </Pairs>
            </div>
          </details>
        </>
      )}
    </section>
  )
}

const Pairs = ({ children }: { readonly children: ReactNode }) => (
  <dl className="grid grid-cols-1 gap-x-6 gap-y-2 rounded-lg border border-border p-3 sm:grid-cols-[12rem_1fr]">
    {children}
  </dl>
)

interface PairProps {
  readonly name: string
  readonly isWrong?: boolean
  readonly children: ReactNode
}

const Pair = ({ name, isWrong = false, children }: PairProps) => (
  <>
    <dt className="text-sm text-muted-foreground foreign">{name}</dt>
    <dd className={isWrong ? 'min-w-0 font-medium text-status-fail' : 'min-w-0'}>{children}</dd>
  </>
)
