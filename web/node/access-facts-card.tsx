import type { ReactNode } from 'react'
import type { AccessFacts } from '../../contract/access.ts'
import { useMessages } from '../lib/messages.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'

/** What the node told, line by line. What opens more than agents need is marked. */
export function AccessFactsCard({ facts }: { readonly facts: AccessFacts }) {
  const t = useMessages('nodes').access
  const { user, isRoot, login, sudo, sudoRules, rootGroups, keyOptions, isForced, bundles, seenFrom } = facts
  const option = (name: string) => keyOptions?.find((one) => one.name === name)
  const from = option('from')?.value
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.facts}</CardTitle>
      </CardHeader>
      <CardContent>
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-sm">
          <Fact name={t.login} isWide={login === 'password'}>
            <span className="foreign">{user}</span>, {t.logins[login]}
          </Fact>
          <Fact name={t.asRoot} isWide={isRoot}>
            {isRoot ? t.rootIs : t.rootNot}
          </Fact>
          <Fact name={t.sudo} isWide={sudo === 'all' || sudo === 'password'}>
            {t.sudos[sudo]}
          </Fact>
          {rootGroups.length > 0 && (
            <Fact name={t.groups} isWide>
              <span className="foreign">{rootGroups.join(', ')}</span>
            </Fact>
          )}
          <Fact name={t.command} isWide={bundles === null}>
            {bundles ? t.gate : isForced ? t.otherCommand : t.anything}
          </Fact>
          {login === 'key' && (
            <>
              <Fact name={t.restrict} isWide={!option('restrict')}>
                {keyOptions === null ? t.unseen : option('restrict') ? t.restrictYes : t.restrictNo}
              </Fact>
              <Fact name={t.from} isWide={!from}>
                {keyOptions === null ? t.unseen : from ? <code className="foreign">{from}</code> : t.anywhere}
              </Fact>
            </>
          )}
          {seenFrom && (
            <Fact name={t.seenFrom}>
              <code className="foreign">{seenFrom}</code>
            </Fact>
          )}
        </dl>
        {sudoRules.length > 0 && (
          <details className="mt-3">
            <summary className="w-fit text-sm font-medium">{t.rules}</summary>
            <ul className="mt-2 grid gap-1.5">
              {sudoRules.map((rule) => (
                <li key={rule} className="text-sm break-words text-muted-foreground">
                  <code className="foreign">{rule}</code>
                </li>
              ))}
            </ul>
          </details>
        )}
      </CardContent>
    </Card>
  )
}

interface FactProps {
  readonly name: string
  /** It opens more than agents need. */
  readonly isWide?: boolean
  readonly children: ReactNode
}

function Fact({ name, isWide = false, children }: FactProps) {
  return (
    <>
      <dt className="text-muted-foreground">{name}</dt>
      <dd className={isWide ? 'min-w-0 text-end text-status-wait' : 'min-w-0 text-end'}>{children}</dd>
    </>
  )
}
