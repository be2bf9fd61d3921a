import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowRight } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Node } from '../../contract/nodes.ts'
import { useCan } from '../account/use-session.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { DoctorBoard } from '../nodes/doctor-panel.tsx'
import type { useDoctor } from '../nodes/doctor-queries.ts'
import { credentialsQuery, nodeQuery } from '../nodes/queries.ts'
import { KeyCard } from './key-card.tsx'
import { PrepareCard } from './prepare-card.tsx'

interface ConnectionTabProps {
  readonly node: Node
  readonly doctor: ReturnType<typeof useDoctor>
}

/** How the node is reached: the doctor, whom it is trusted to be, and what opens it. */
export function ConnectionTab({ node, doctor }: ConnectionTabProps) {
  const t = useMessages('nodes').paste
  const isNew = node.lastSeenAt === null
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[1fr_24rem]">
      <div className="grid min-w-0 grid-cols-1 gap-4">
        {isNew && (
          <PrepareCard node={node} title={t.title} isOpen={!doctor.report && node.hostKeys.length === 0} />
        )}
        <Card className="p-4">
          <DoctorBoard nodeId={node.id} doctor={doctor} />
        </Card>
        <KeyCard id={node.id} />
      </div>
      <div className="grid min-w-0 grid-cols-1 gap-4">
        <HostKeys node={node} />
        <Path node={node} />
        <Platform node={node} />
      </div>
    </div>
  )
}

function HostKeys({ node: { hostKeys } }: { readonly node: Node }) {
  const t = useMessages('nodes').hostKey
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.title}</CardTitle>
      </CardHeader>
      <CardContent>
        {hostKeys.length === 0 && <p className="text-muted-foreground">{t.none}</p>}
        <ul className="grid gap-3">
          {hostKeys.map(({ type, fingerprint, source, pinnedAt, seenAt }) => (
            <li key={fingerprint} className="text-sm">
              <Copyable value={fingerprint} what={t.fingerprint} />
              <p className="text-muted-foreground">
                <span className="foreign">{type}</span>, {t.sources[source]}, {t.since}{' '}
                <RelativeTime at={pinnedAt} />, {t.seen} <RelativeTime at={seenAt} />
              </p>
            </li>
          ))}
        </ul>
      </CardContent>
    </Card>
  )
}

function Path({ node }: { readonly node: Node }) {
  const messages = useMessages('nodes')
  const t = messages.detail
  const { connectionsPerHour } = node
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.path}</CardTitle>
      </CardHeader>
      <CardContent className="grid gap-3">
        <p className="flex flex-wrap items-center gap-2">
          {t.server}
          <ArrowRight aria-hidden className="size-4 text-muted-foreground" />
          {node.jumpNodeId && (
            <>
              <JumpLink id={node.jumpNodeId} />
              <ArrowRight aria-hidden className="size-4 text-muted-foreground" />
            </>
          )}
          <code className="text-sm foreign">
            {node.host}:{node.port}
          </code>
        </p>
        <Facts>
          <Fact name={t.credential}>
            <CredentialLine node={node} />
          </Fact>
          <Fact name={t.transport}>{messages.form.transports[node.transport][0]}</Fact>
          <Fact name={messages.form.rights}>{messages.form.elevations[node.elevation][0]}</Fact>
          <Fact name={t.budget}>
            {connectionsPerHour === null
              ? t.budgetDefault
              : connectionsPerHour === 0
                ? t.budgetNone
                : formatNumber(connectionsPerHour)}
          </Fact>
        </Facts>
      </CardContent>
    </Card>
  )
}

function JumpLink({ id }: { readonly id: NonNullable<Node['jumpNodeId']> }) {
  const { data } = useQuery(nodeQuery(id))
  return (
    <Link to="/nodes/$id" params={{ id }} className="underline foreign">
      {data?.name ?? id}
    </Link>
  )
}

function CredentialLine({ node: { credentialId } }: { readonly node: Node }) {
  const t = useMessages('nodes').detail
  const maySee = useCan('credential.read')
  const { data } = useQuery({ ...credentialsQuery, enabled: maySee })
  if (!credentialId) return <span className="text-status-wait">{t.credentialNone}</span>
  if (!maySee) return t.credentialHidden
  if (!data) return <Skeleton className="h-4 w-24" />
  const credential = data.items.find(({ id }) => id === credentialId)
  if (!credential) return credentialId
  return (
    <>
      <Link to="/settings" search={{ tab: 'credentials' }} className="underline foreign">
        {credential.name}
      </Link>
      , {t.credentialAge} <RelativeTime at={credential.secretSetAt} />
    </>
  )
}

function Platform({ node: { platform } }: { readonly node: Node }) {
  const t = useMessages('nodes').detail
  const lines = Object.entries(platform)
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.platform}</CardTitle>
      </CardHeader>
      <CardContent>
        {lines.length === 0 && <p className="text-muted-foreground">{t.platformNone}</p>}
        <Facts>
          {lines.map(([key, value]) => (
            <Fact key={key} name={t.platformKeys[key] ?? key}>
              <span className="foreign">{value}</span>
            </Fact>
          ))}
        </Facts>
      </CardContent>
    </Card>
  )
}

const Facts = ({ children }: { readonly children: ReactNode }) => (
  <dl className="grid grid-cols-[fit-content(55%)_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">{children}</dl>
)

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted-foreground foreign">{name}</dt>
      <dd className="min-w-0 text-end">{children}</dd>
    </>
  )
}
