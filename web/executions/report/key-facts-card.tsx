import type { ReactNode } from 'react'
import { formatBytes, formatNumber, formatPercent } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { Meter } from '../../ui/meter.tsx'
import type { Facts } from './json.ts'
import { type DiskFact, hasKeyFacts, type KeyFacts, toKeyFacts } from './key-facts.ts'
import { formatLength } from './readable.ts'

const disksShown = 8

/** The few facts that people ask for. Draws nothing when the report has none of them. */
export function KeyFactsCard({ facts }: { readonly facts: Facts }) {
  const t = useMessages('execution').facts
  const key = toKeyFacts(facts)
  if (!hasKeyFacts(key)) return null
  const { disks, memory, swap } = key
  const rows = rowsOf(key, t)
  const figures = (used: number, total: number, percent: number) =>
    `${t.figures(formatBytes(used), formatBytes(total))} · ${formatPercent(percent)}`
  return (
    <Card aria-label={t.key}>
      <CardHeader>
        <CardTitle>{t.key}</CardTitle>
      </CardHeader>
      <CardContent className="space-y-4">
        {(disks.length > 0 || memory || swap) && (
          <div className="space-y-3">
            {disks.slice(0, disksShown).map((disk) => (
              <Disk key={disk.mount} disk={disk} />
            ))}
            {disks.length > disksShown && (
              <p className="text-sm text-muted-foreground">{t.moreDisks(disks.length - disksShown)}</p>
            )}
            {memory && (
              <Meter
                label={t.memory}
                percent={memory.percent}
                figure={figures(memory.used, memory.total, memory.percent)}
                warnAt={90}
              />
            )}
            {swap && (
              <Meter
                label={t.swap}
                percent={swap.percent}
                figure={figures(swap.used, swap.total, swap.percent)}
                warnAt={80}
              />
            )}
          </div>
        )}
        {rows.length > 0 && (
          <dl className="space-y-1.5 text-sm">
            {rows.map(([label, value]) => (
              <div key={label} className="flex items-baseline justify-between gap-4">
                <dt className="shrink-0 text-muted-foreground">{label}</dt>
                <dd className="min-w-0 text-end tabular-nums foreign">{value}</dd>
              </div>
            ))}
          </dl>
        )}
      </CardContent>
    </Card>
  )
}

function Disk({ disk: { mount, used, total, percent, state } }: { readonly disk: DiskFact }) {
  const t = useMessages('execution').facts
  if (percent === null || used === null) {
    return (
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <span className="min-w-0 text-muted-foreground foreign">{mount}</span>
        <span className="foreign">{state ?? t.noFigures}</span>
      </div>
    )
  }
  const figure = total === null ? formatBytes(used) : t.figures(formatBytes(used), formatBytes(total))
  return (
    <Meter label={mount} percent={percent} figure={`${figure} · ${formatPercent(percent)}`} warnAt={85} />
  )
}

type Words = ReturnType<typeof useMessages<'execution'>>['facts']

function rowsOf(
  { cpu, system, uptimeS, ports, services, updates, hottest }: KeyFacts,
  t: Words,
): [string, ReactNode][] {
  const joined = (...parts: (string | null | false)[]) => parts.filter(Boolean).join(' · ')
  const rows: ([string, ReactNode] | null)[] = [
    system && [t.system, joined(system.name, system.kernel, system.arch)],
    uptimeS === null ? null : [t.uptime, formatLength(uptimeS * 1_000)],
    cpu && [
      t.cpu,
      joined(cpu.count !== null && t.cpus(cpu.count), cpu.busy !== null && formatPercent(cpu.busy)),
    ],
    cpu && cpu.load.length > 0 ? [t.load, cpu.load.map((one) => formatNumber(one, 2)).join('  ')] : null,
    hottest && [t.temperature, joined(`${formatNumber(hottest.celsius, 1)} °C`, hottest.name)],
    ports && [t.ports, ports.length === 0 ? t.portsNone : ports.slice(0, 30).join(', ')],
    services && [
      t.services,
      joined(
        services.running !== null && t.servicesRunning(services.running),
        services.failed.length === 0
          ? t.servicesFine
          : t.servicesFailed(services.failed.slice(0, 10).join(', ')),
      ),
    ],
    updates && [
      t.updates,
      joined(
        updates.pending === null
          ? t.updatesUnknown
          : updates.pending === 0
            ? t.updatesNone
            : t.updatesPending(formatNumber(updates.pending)),
        updates.security > 0 && t.updatesSecurity(formatNumber(updates.security)),
        updates.restart && t.restart,
      ),
    ],
  ]
  return rows.filter((row) => row !== null)
}
