import { Link } from '@tanstack/react-router'
import { Eye, Pencil, ShieldCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Agent } from '../../contract/agents.ts'
import { toSudoers } from '../../contract/sudoers.ts'
import { formatBytes, formatDuration } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../ui/card.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { CopyButton } from '../ui/copyable.tsx'
import { LastRuns } from './last-runs.tsx'

/** What an agent reads, may change and needs; in the words of its manifest, for whoever lets it onto a machine. */
export function Overview({ agent }: { readonly agent: Agent }) {
  const t = useMessages('agents')
  const { id, reads, actions } = agent.manifest
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="space-y-4">
        <Card>
          <CardHeader>
            <CardTitle className="flex items-center gap-2">
              <Eye aria-hidden className="size-4 text-muted-foreground" />
              {t.reads}
            </CardTitle>
          </CardHeader>
          <CardContent>
            {reads.length === 0 ? (
              <p className="text-muted-foreground">{t.readsNothing}</p>
            ) : (
              <ul className="list-disc space-y-1 ps-5 marker:text-muted-foreground">
                {reads.map((line) => (
                  <li key={line} className="foreign">
                    {line}
                  </li>
                ))}
              </ul>
            )}
          </CardContent>
        </Card>
        <Card>
          <CardHeader>
            <CardTitle className="flex items-center gap-2">
              <Pencil aria-hidden className="size-4 text-muted-foreground" />
              {t.changes}
            </CardTitle>
          </CardHeader>
          <CardContent>
            {actions.length === 0 ? (
              <p className="flex items-center gap-2">
                <ShieldCheck aria-hidden className="size-4 shrink-0 text-muted-foreground" />
                {t.changesNothing}
              </p>
            ) : (
              <>
                <p className="mb-2 text-muted-foreground">{t.changesAsk}</p>
                <ul className="flex flex-wrap gap-2">
                  {actions.map((action) => (
                    <li key={action}>
                      <code className="rounded-xs bg-muted px-1.5 py-0.5 text-sm foreign">{action}</code>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </CardContent>
        </Card>
        <Rights agent={agent} />
      </div>
      <div className="space-y-4">
        <Facts agent={agent} />
        <Card>
          <CardHeader
            actions={
              <Link
                to="/executions"
                search={{ agent: id }}
                className="text-sm text-muted-foreground hover:underline"
              >
                {t.allRuns}
              </Link>
            }
          >
            <CardTitle>{t.lastRuns}</CardTitle>
          </CardHeader>
          <LastRuns agentId={id} />
        </Card>
      </div>
    </div>
  )
}

function Rights({ agent: { manifest } }: { readonly agent: Agent }) {
  const t = useMessages('agents')
  const { id, privileges, sudo } = manifest
  const rights = Object.entries(privileges)
  const sudoers = toSudoers(id, sudo)
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.rights}</CardTitle>
      </CardHeader>
      <CardContent>
        <p className="mb-3 text-muted-foreground text-pretty">{t.rightsHint}</p>
        {rights.length === 0 ? (
          <p>{t.rightsNone}</p>
        ) : (
          <dl className="divide-y divide-border rounded-md border border-border">
            {rights.map(([name, gives]) => (
              <div key={name} className="gap-4 px-3 py-2 sm:grid sm:grid-cols-[10rem_1fr]">
                <dt className="font-medium foreign">
                  {Object.hasOwn(t.rightNames, name) ? t.rightNames[name] : name}
                </dt>
                <dd className="text-muted-foreground foreign">{gives}</dd>
              </div>
            ))}
          </dl>
        )}
        <h3 className="mt-5 mb-1 font-semibold">{t.sudo}</h3>
        {sudo.length === 0 ? (
          <p className="text-muted-foreground">{t.sudoNone}</p>
        ) : (
          <>
            <p className="mb-3 text-muted-foreground text-pretty">{t.sudoHint}</p>
            <ul className="mb-4 space-y-2">
              {sudo.map(({ why, argv }) => (
                <li key={argv.join(' ')}>
                  <span className="block foreign">{why}</span>
                  <code className="block text-sm text-muted-foreground foreign">{argv.join(' ')}</code>
                </li>
              ))}
            </ul>
            {sudoers && (
              <>
                <p className="mb-1.5 font-medium">{t.sudoBlock}</p>
                <CodeBlock code={sudoers} label={t.sudoBlock} />
                <p className="mt-1.5 text-sm text-muted-foreground">
                  {t.sudoSave(`/etc/sudoers.d/carl-${id}`)}
                </p>
              </>
            )}
          </>
        )}
      </CardContent>
    </Card>
  )
}

function Facts({ agent: { manifest, origin, bundleSha256, bundleBytes } }: { readonly agent: Agent }) {
  const t = useMessages('agents')
  const { version, costClass, timeoutS, resumable, platforms } = manifest
  const usual = formatDuration(timeoutS.default * 1_000)
  const most = formatDuration(timeoutS.max * 1_000)
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.about}</CardTitle>
      </CardHeader>
      <CardContent>
        <dl className="space-y-3">
          <Fact
            name={t.origin}
          >{`${origin === 'built-in' ? t.builtIn : t.installed}, ${t.version(version)}`}</Fact>
          <Fact name={t.cost}>
            {t.costs[costClass]}
            <span className="block text-muted-foreground">{t.costMeaning[costClass]}</span>
          </Fact>
          <Fact name={t.timeLimit}>{t.timeLimitText(usual, most)}</Fact>
          <Fact name={t.resumable}>{resumable ? t.resumableYes : t.resumableNo}</Fact>
          <Fact name={t.platforms}>{platforms.join(', ')}</Fact>
          <Fact name={t.bundle}>
            {formatBytes(bundleBytes)}
            <span className="flex items-start gap-1 text-muted-foreground">
              <code className="min-w-0 text-xs break-all">sha256:{bundleSha256}</code>
              <CopyButton value={bundleSha256} what="SHA-256" />
            </span>
          </Fact>
        </dl>
      </CardContent>
    </Card>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-muted-foreground">{name}</dt>
      <dd className="foreign">{children}</dd>
    </div>
  )
}
