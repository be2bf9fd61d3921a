import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Check, CheckCheck, FileKey2, Hand, KeyRound, PlugZap, Settings2 } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { NodeKey } from '../../contract/keys.ts'
import type { Node } from '../../contract/nodes.ts'
import type { Finding } from '../../contract/reports.ts'
import { useCan } from '../account/use-session.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { useDoctor } from '../nodes/doctor-queries.ts'
import { keysQuery } from '../nodes/key-queries.ts'
import { isStuck } from '../nodes/key-progress.ts'
import { nodeQuery } from '../nodes/queries.ts'
import { planCountQuery } from '../plans/queries.ts'
import { masterKeyQuery } from '../settings/queries.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SeverityBadge } from '../ui/severity-badge.tsx'
import { HealthBadge } from '../ui/status-badge.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import { toNeeds } from './needs.ts'
import { Guard } from './panel.tsx'
import { findingsQuery, nodesInNeedQuery, useAcknowledge } from './queries.ts'
import { shown } from './shown.ts'

/** What waits for a person, with the obvious thing to do. Not there at all when nothing does. */
export function NeedsYou() {
  return (
    <Guard>
      <NeedsCard />
    </Guard>
  )
}

function NeedsCard() {
  const t = useMessages('dashboard')
  const critical = useQuery(findingsQuery('critical'))
  const high = useQuery(findingsQuery('high'))
  const blocked = useQuery(nodesInNeedQuery('blocked'))
  const unreachable = useQuery(nodesInNeedQuery('unreachable'))
  const maySeeKeys = useCan('credential.read')
  const keys = useQuery({ ...keysQuery, enabled: maySeeKeys })
  const masterKey = useQuery({ ...masterKeyQuery, enabled: useCan('master-key.reveal') }).data
  const plans = useQuery(planCountQuery)
  const [isWhole, setWhole] = useState(false)
  const broken = [critical, high, blocked, unreachable].find(({ isError, data }) => isError && !data)
  const needs = toNeeds({
    critical: critical.data?.items ?? [],
    high: high.data?.items ?? [],
    blocked: blocked.data?.items ?? [],
    unreachable: unreachable.data?.items ?? [],
    // Without an answer about keys the rest is still worth showing.
    keys: keys.data?.items ?? [],
    waiting: plans.data ?? { plans: 0, actions: 0 },
    lacksKit: masterKey !== undefined && masterKey.kit === null,
  })
  if (broken) return <ErrorPanel error={broken.error} onRetry={() => void broken.refetch()} />
  // All at once: what is read already would move down for each that comes later.
  const isComing = [critical, high, blocked, unreachable, plans].some(({ isLoading }) => isLoading)
  if (isComing || needs.length === 0) return null
  return (
    <Card aria-label={t.needsYou} className="border-status-wait/40">
      <CardHeader
        actions={
          needs.length > shown.needs && (
            <Button size="sm" variant="ghost" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
              {isWhole ? t.needsYouFewer : t.needsYouMore(formatNumber(needs.length))}
            </Button>
          )
        }
      >
        <CardTitle className="flex items-center gap-2">
          <Hand aria-hidden className="size-4 text-status-wait" />
          {t.needsYou}
          <span className="rounded-full bg-muted px-1.5 text-xs font-medium text-muted-foreground tabular-nums">
            {formatNumber(needs.length)}
          </span>
        </CardTitle>
      </CardHeader>
      <ul aria-live="polite" className="divide-y divide-border border-t border-border">
        {needs
          .slice(0, isWhole ? undefined : shown.needs)
          .map((need) =>
            need.kind === 'finding' ? (
              <FindingNeed key={need.key} finding={need.finding} />
            ) : need.kind === 'key' ? (
              <KeyNeed key={need.key} nodeKey={need.nodeKey} />
            ) : need.kind === 'plans' ? (
              <PlansNeed key={need.key} actions={need.actions} />
            ) : need.kind === 'recovery-kit' ? (
              <KitNeed key={need.key} />
            ) : (
              <NodeNeed key={need.key} node={need.node} />
            ),
          )}
      </ul>
    </Card>
  )
}

interface ItemProps {
  readonly mark: ReactNode
  readonly title: ReactNode
  readonly where: ReactNode
  readonly text: string | null
  readonly actions: ReactNode
}

function Item({ mark, title, where, text, actions }: ItemProps) {
  const t = useMessages('dashboard')
  return (
    <li className="relative flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 hover:bg-muted/40 md:flex-nowrap">
      <div className="w-full shrink-0 md:w-32">{mark}</div>
      <div className="min-w-0 flex-1 basis-60">
        <p className="foreign">
          {title} <span className="text-muted-foreground">{where}</span>
        </p>
        {text && (
          <p className="line-clamp-2 text-sm text-muted-foreground foreign">
            <span className="sr-only">{t.whatToDo}: </span>
            {text}
          </p>
        )}
      </div>
      <div className="relative z-1 flex shrink-0 gap-2 max-md:w-full max-md:*:flex-1">{actions}</div>
    </li>
  )
}

const titleLook = 'font-medium after:absolute after:inset-0 focus-visible:-outline-offset-2'

function FindingNeed({ finding }: { readonly finding: Finding }) {
  const t = useMessages('dashboard')
  const node = useQuery(nodeQuery(finding.nodeId)).data
  const mayWrite = useCan('finding.write', finding.nodeId)
  const acknowledge = useAcknowledge(({ title }) =>
    tellSuccess(t.acknowledged(title), { text: t.acknowledgedText }),
  )
  return (
    <Item
      mark={<SeverityBadge severity={finding.severity} />}
      title={
        <Link to="/executions/$id" params={{ id: finding.executionId }} className={titleLook}>
          {finding.title}
        </Link>
      }
      where={
        <>
          {t.on(node?.name ?? '…')} · <RelativeTime at={finding.lastSeenAt} plain />
        </>
      }
      text={finding.fix}
      actions={
        mayWrite && (
          <Button
            size="sm"
            variant="secondary"
            aria-label={t.acknowledgeThis(finding.title)}
            isLoading={acknowledge.isPending}
            onClick={() => acknowledge.mutate(finding)}
          >
            <Check aria-hidden />
            {t.acknowledge}
          </Button>
        )
      }
    />
  )
}

function PlansNeed({ actions }: { readonly actions: number }) {
  const t = useMessages('dashboard').plans
  return (
    <Item
      mark={
        <Badge tone="wait" icon={<CheckCheck aria-hidden />}>
          {t.mark}
        </Badge>
      }
      title={
        <Link to="/approvals" className={titleLook}>
          {t.title(actions)}
        </Link>
      }
      where={null}
      text={t.text}
      actions={
        <Button size="sm" variant="secondary" asChild>
          <Link to="/approvals">
            <CheckCheck aria-hidden />
            {t.open}
          </Link>
        </Button>
      }
    />
  )
}

function KitNeed() {
  const t = useMessages('dashboard').kit
  return (
    <Item
      mark={<Badge tone="wait">{t.mark}</Badge>}
      title={
        <Link to="/settings" search={{ tab: 'master-key' }} className={titleLook}>
          {t.title}
        </Link>
      }
      where={null}
      text={t.text}
      actions={
        <Button size="sm" variant="secondary" asChild>
          <Link to="/settings" search={{ tab: 'master-key' }}>
            <FileKey2 aria-hidden />
            {t.open}
          </Link>
        </Button>
      }
    />
  )
}

function NodeNeed({ node }: { readonly node: Node }) {
  const t = useMessages('dashboard')
  const navigate = useNavigate()
  const { test } = useDoctor(node.id)
  const mayTest = useCan('node.test', node.id)
  const mayConfirm = useCan('node.write', node.id)
  const { lastProblem } = node
  const isAboutCredential = lastProblem?.code.startsWith('credential.') ?? false
  const isAboutKey = lastProblem?.code.startsWith('ssh.host_key_') ?? false
  const run = () =>
    test.mutate(undefined, {
      onSuccess: ({ ok }) => {
        if (ok) tellSuccess(t.testWorked(node.name), { text: t.testWorkedText })
        // Which step fails, and what to do about it, stands on the page of the node.
        else void navigate({ to: '/nodes/$id', params: { id: node.id }, search: { tab: 'connection' } })
      },
      onError: tellFailure,
    })
  return (
    <Item
      mark={<HealthBadge health={node.health} />}
      title={
        <Link to="/nodes/$id" params={{ id: node.id }} search={{ tab: 'connection' }} className={titleLook}>
          {lastProblem?.title ?? t.notContacted}
        </Link>
      }
      where={
        <>
          {t.on(node.name)}
          {node.lastSeenAt && (
            <>
              {' '}
              · {t.lastSeen} <RelativeTime at={node.lastSeenAt} plain />
            </>
          )}
        </>
      }
      text={lastProblem?.fix ?? null}
      actions={
        isAboutKey && mayConfirm ? (
          <Button size="sm" variant="secondary" asChild>
            <Link to="/nodes/$id" params={{ id: node.id }} search={{ tab: 'connection' }}>
              <KeyRound aria-hidden />
              {t.confirmKey}
            </Link>
          </Button>
        ) : isAboutCredential && mayConfirm ? (
          <Button size="sm" variant="secondary" asChild>
            <Link to="/nodes/$id" params={{ id: node.id }} search={{ tab: 'settings' }}>
              <Settings2 aria-hidden />
              {t.settings}
            </Link>
          </Button>
        ) : (
          mayTest && (
            <Button
              size="sm"
              variant="secondary"
              aria-label={t.testThis(node.name)}
              isLoading={test.isPending}
              onClick={run}
            >
              <PlugZap aria-hidden />
              {t.test}
            </Button>
          )
        )
      }
    />
  )
}

/** A key that is due, or whose renewal waits for somebody: what there is to do stands on the page of the node. */
function KeyNeed({ nodeKey }: { readonly nodeKey: NodeKey }) {
  const t = useMessages('dashboard')
  const { nodeId, nodeName, dueAt, standing, rotation } = nodeKey
  const page = { to: '/nodes/$id', params: { id: nodeId }, search: { tab: 'connection' } } as const
  const problem = rotation && isStuck(rotation) ? rotation.problem : null
  const isOverdue = standing === 'overdue'
  return (
    <Item
      mark={
        <Badge tone={problem || !isOverdue ? 'wait' : 'fail'} icon={<KeyRound aria-hidden />}>
          {t.sshKey}
        </Badge>
      }
      title={
        <Link {...page} className={titleLook}>
          {problem?.title ?? (isOverdue ? t.keyOverdue : t.keyDueSoon)}
        </Link>
      }
      where={
        <>
          {t.on(nodeName)}
          {!problem && dueAt && (
            <>
              {' '}
              · {t.keyDue} <RelativeTime at={dueAt} plain />
            </>
          )}
        </>
      }
      text={problem?.fix ?? t.keyDueFix}
      actions={
        <Button size="sm" variant="secondary" asChild>
          <Link {...page} aria-label={t.openKeyOf(nodeName)}>
            <KeyRound aria-hidden />
            {t.openKey}
          </Link>
        </Button>
      }
    />
  )
}
