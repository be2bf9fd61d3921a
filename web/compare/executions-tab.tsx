import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowLeftRight, GitCompareArrows } from 'lucide-react'
import type { ReactNode } from 'react'
import type { FactValue } from '../../contract/fact-paths.ts'
import type { Execution } from '../../contract/executions.ts'
import type { AgentId, ExecutionId } from '../../contract/ids.ts'
import type { Finding, Report } from '../../contract/reports.ts'
import { executionsQuery, useAgentTitle } from '../executions/list-queries.ts'
import { executionQuery, reportQuery } from '../executions/queries.ts'
import { formatDuration, formatInstant, formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { formatFigure } from '../node/figures.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Select } from '../ui/select.tsx'
import { SeverityBadge } from '../ui/severity-badge.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import type { CompareProps } from './page.tsx'
import { compareReports, type Pair } from './sides.ts'

/** Two runs side by side. */
export function ExecutionsTab({ compared: { a, b }, onCompare }: CompareProps) {
  const t = useMessages('compare').executions
  const left = useQuery({ ...executionQuery((a ?? '') as ExecutionId), enabled: a !== undefined }).data
  return (
    <>
      <div className="mb-4 grid items-end gap-3 md:grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)]">
        <Chooser label={t.first} value={a} onChange={(id) => onCompare({ a: id })} />
        <Button
          variant="secondary"
          disabled={!a && !b}
          onClick={() => onCompare({ a: b, b: a })}
          className="justify-self-start"
        >
          <ArrowLeftRight aria-hidden />
          {t.swap}
        </Button>
        {/* Of the agent of the first: facts of different agents have nothing in common. */}
        <Chooser label={t.second} value={b} agentId={left?.agentId} onChange={(id) => onCompare({ b: id })} />
      </div>
      {a && b ? (
        <Loaded key={`${a} ${b}`} a={a as ExecutionId} b={b as ExecutionId} />
      ) : (
        <Card>
          <EmptyState icon={GitCompareArrows} title={t.emptyTitle} text={t.emptyText} guide="whole-house" />
        </Card>
      )}
    </>
  )
}

interface ChooserProps {
  readonly label: string
  readonly value: string | undefined
  readonly agentId?: AgentId | undefined
  readonly onChange: (id: string | undefined) => void
}

function Chooser({ label, value, agentId, onChange }: ChooserProps) {
  const t = useMessages('compare').executions
  const titleOf = useAgentTitle()
  const recent = useQuery(executionsQuery({ state: 'succeeded', limit: 100, ...(agentId && { agentId }) }))
  const chosen = useQuery({
    ...executionQuery((value ?? '') as ExecutionId),
    enabled: value !== undefined,
  }).data
  const known = recent.data?.items ?? []
  const shown = chosen && !known.some(({ id }) => id === chosen.id) ? [chosen, ...known] : known
  const nameOf = ({ agentId: of, nodeName, queuedAt }: Execution) =>
    t.option(titleOf(of), nodeName, formatInstant(queuedAt))
  return (
    <Field label={label}>
      <Select value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">{t.choose}</option>
        {value && !shown.some(({ id }) => id === value) && <option value={value}>{value}</option>}
        {shown.map((execution) => (
          <option key={execution.id} value={execution.id}>
            {nameOf(execution)}
          </option>
        ))}
      </Select>
    </Field>
  )
}

function Loaded({ a, b }: { readonly a: ExecutionId; readonly b: ExecutionId }) {
  const left = useQuery(reportQuery(a))
  const right = useQuery(reportQuery(b))
  const broken = [left, right].find(({ isError }) => isError)
  if (broken) return <ErrorPanel error={broken.error} onRetry={() => void broken.refetch()} />
  if (!left.data || !right.data) {
    return (
      <Card>
        <SkeletonRows rows={8} />
      </Card>
    )
  }
  return <SideBySide a={left.data} b={right.data} />
}

/** Facts that differ and are shown; nobody reads more. */
const factsShown = 300

export function SideBySide({ a, b }: { readonly a: Report; readonly b: Report }) {
  const t = useMessages('compare').executions
  const { findings, metrics, facts, alike } = compareReports(a, b)
  const isOther = a.agentId !== b.agentId
  return (
    <div className="grid gap-4">
      {isOther && <p className="text-status-wait">{t.otherAgents}</p>}
      <Part title={t.verdicts} a={a} b={b}>
        <Line name={t.verdict} a={a.verdict} b={b.verdict} />
        <Line name={t.took} a={formatDuration(a.durationMs)} b={formatDuration(b.durationMs)} />
        <Line name={t.version} a={a.agentVersion} b={b.agentVersion} />
      </Part>
      <Part title={t.findings} a={a} b={b} {...(findings.length === 0 && { none: t.noFindings })}>
        {findings.map((pair) => (
          <Line
            key={pair.name}
            name={(pair.a ?? pair.b)?.title ?? pair.name}
            a={<OneFinding finding={pair.a} />}
            b={<OneFinding finding={pair.b} />}
            isAlike={pair.a?.severity === pair.b?.severity}
          />
        ))}
      </Part>
      <Part title={t.figures} a={a} b={b} {...(metrics.length === 0 && { none: t.noFigures })}>
        {metrics.map((pair) => (
          <Line
            key={pair.name}
            name={pair.name}
            a={pair.a ? formatFigure(pair.a.value, pair.a.unit) : t.absent}
            b={pair.b ? formatFigure(pair.b.value, pair.b.unit) : t.absent}
            isAlike={pair.a?.value === pair.b?.value}
          />
        ))}
      </Part>
      <Part
        title={t.facts}
        text={t.alike(alike)}
        a={a}
        b={b}
        {...(facts.length === 0 && { none: t.noFacts })}
      >
        {facts.slice(0, factsShown).map((pair) => (
          <Line
            key={pair.name}
            name={pair.name}
            isCode
            a={<Fact of={pair} side="a" />}
            b={<Fact of={pair} side="b" />}
          />
        ))}
      </Part>
      {facts.length > factsShown && (
        <p className="text-muted-foreground">{t.moreFacts(formatNumber(facts.length - factsShown))}</p>
      )}
    </div>
  )
}

interface PartProps {
  readonly title: string
  readonly text?: string
  readonly a: Report
  readonly b: Report
  /** Said instead of the table. */
  readonly none?: string
  readonly children: ReactNode
}

function Part({ title, text, a, b, none, children }: PartProps) {
  const t = useMessages('compare').executions
  return (
    <Card aria-label={title}>
      <CardHeader>
        <CardTitle>{title}</CardTitle>
        {text && <p className="text-sm text-muted-foreground">{text}</p>}
      </CardHeader>
      {none ? (
        <p className="border-t border-border px-4 py-3 text-muted-foreground">{none}</p>
      ) : (
        <Table label={title} className="table-fixed max-md:min-w-130">
          <TableHead>
            <Th className="w-2/6">{t.what}</Th>
            <Th>
              <Side report={a} />
            </Th>
            <Th>
              <Side report={b} />
            </Th>
          </TableHead>
          <TableBody>{children}</TableBody>
        </Table>
      )}
    </Card>
  )
}

function Side({ report: { executionId, nodeName, createdAt } }: { readonly report: Report }) {
  return (
    <Link
      to="/executions/$id"
      params={{ id: executionId }}
      className="block truncate underline underline-offset-4 hover:text-foreground foreign"
    >
      {nodeName}, {formatInstant(createdAt)}
    </Link>
  )
}

interface LineProps {
  readonly name: string
  readonly a: ReactNode
  readonly b: ReactNode
  readonly isAlike?: boolean
  readonly isCode?: boolean
}

function Line({ name, a, b, isAlike = false, isCode = false }: LineProps) {
  const look = `py-1.5 align-top break-words foreign ${isAlike ? 'text-muted-foreground' : ''} ${isCode ? 'font-mono text-sm' : ''}`
  return (
    <Row>
      <Td className={look}>{name}</Td>
      <Td className={look}>{a}</Td>
      <Td className={look}>{b}</Td>
    </Row>
  )
}

function OneFinding({ finding }: { readonly finding: Finding | null }) {
  const t = useMessages('compare').executions
  return finding ? <SeverityBadge severity={finding.severity} /> : <span>{t.absent}</span>
}

function Fact({ of, side }: { readonly of: Pair<FactValue>; readonly side: 'a' | 'b' }) {
  const t = useMessages('compare').executions
  const value = of[side]
  return value === null ? (
    <span className="font-sans text-muted-foreground">{t.absent}</span>
  ) : (
    String(value).slice(0, 500)
  )
}
