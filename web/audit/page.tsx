import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { clsx } from 'clsx'
import {
  Activity,
  ChevronDown,
  ChevronRight,
  Download,
  FilterX,
  Lock,
  OctagonAlert,
  SearchX,
  ShieldCheck,
} from 'lucide-react'
import { useId, useState } from 'react'
import type { AuditEntry } from '../../contract/audit.ts'
import { can } from '../../contract/permissions.ts'
import { useUser } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { query } from '../lib/query.ts'
import { saveFile } from '../lib/save-file.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Pagination } from '../ui/pagination.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { Select } from '../ui/select.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import { knownActions, pageOf, toActor } from './actions.ts'

export interface AuditFilters {
  readonly action?: string | undefined
  readonly target?: string | undefined
}

/** Who did what, for administrators. */
export function AuditPage() {
  const filters = useSearch({ from: '/inside/activity' })
  const navigate = useNavigate()
  return (
    <AuditTrail
      filters={filters}
      onFilter={(changed) =>
        void navigate({ to: '/activity', search: { ...filters, ...changed }, replace: true })
      }
      onClear={() => void navigate({ to: '/activity', search: {} })}
    />
  )
}

interface AuditTrailProps {
  readonly filters: AuditFilters
  readonly onFilter: (changed: AuditFilters) => void
  readonly onClear: () => void
}

const pageSize = 50
/** Ids of nodes are hard to read; those beyond these stay what they are. */
const nodesQuery = query(['nodes', 'list'], api.nodes.list, { query: { limit: 200 } })
/** No hint tells of a new line, so the newest page looks by itself, milliseconds. */
const lookEveryMs = 10_000

export function AuditTrail({ filters, onFilter, onClear }: AuditTrailProps) {
  const t = useMessages('audit')
  const user = useUser()
  return (
    <>
      <PageHeader
        title={t.title}
        subtitle={t.subtitle}
        actions={
          user &&
          can(user.role, 'audit.read') && (
            <>
              <VerifyButton />
              <ExportMenu filters={filters} />
            </>
          )
        }
      />
      {user && !can(user.role, 'audit.read') ? (
        <Card>
          <EmptyState icon={Lock} title={t.forbiddenTitle} text={t.forbiddenText(user.role)} />
        </Card>
      ) : (
        <Lines filters={filters} onFilter={onFilter} onClear={onClear} />
      )}
    </>
  )
}

/** Goes through the whole trail; says below the title what does not fit, for as long as the page is open. */
function VerifyButton() {
  const t = useMessages('audit')
  const verify = useMutation({
    mutationFn: () => api.audit.verify({ body: {} }),
    onSuccess: ({ verdict }) => {
      if (verdict.sound)
        tellSuccess(t.sound, {
          text: t.soundText(formatNumber(verdict.lines), formatNumber(verdict.checkpoints)),
        })
    },
    onError: tellFailure,
  })
  const verdict = verify.data?.verdict
  return (
    <>
      {verdict && !verdict.sound && (
        <p
          role="alert"
          className="flex items-center gap-1.5 text-sm font-medium text-status-fail max-sm:min-w-full"
        >
          <OctagonAlert aria-hidden className="size-4 shrink-0" />
          {t.broken[verdict.what](verdict.seq)}
        </p>
      )}
      <Button variant="secondary" isLoading={verify.isPending} onClick={() => verify.mutate()}>
        <ShieldCheck aria-hidden className="size-4" />
        {t.verify}
      </Button>
    </>
  )
}

/** Saves what the filters leave, all pages of it. */
function ExportMenu({ filters }: { readonly filters: AuditFilters }) {
  const t = useMessages('audit')
  const save = useMutation({
    mutationFn: (format: 'jsonl' | 'csv') => api.audit.export({ body: { format, ...filters } }),
    onSuccess: (text, format) =>
      saveFile(`audit-trail.${format}`, text, format === 'csv' ? 'text/csv' : 'text/plain'),
    onError: tellFailure,
  })
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="secondary" isLoading={save.isPending}>
          <Download aria-hidden className="size-4" />
          {t.export}
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        {(['csv', 'jsonl'] as const).map((format) => (
          <DropdownMenuItem key={format} onSelect={() => save.mutate(format)}>
            {t.exports[format]}
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  )
}

function Lines({ filters, onFilter, onClear }: AuditTrailProps) {
  const t = useMessages('audit')
  const { action, target } = filters
  // Cursors of the pages up to the one shown; other filters begin at their first page.
  const about = JSON.stringify(filters)
  const [paged, setPaged] = useState<{ about: string; cursors: readonly string[] }>({ about, cursors: [] })
  const cursors = paged.about === about ? paged.cursors : []
  const setCursors = (changed: readonly string[]) => setPaged({ about, cursors: changed })
  const cursor = cursors.at(-1)
  const trail = useQuery({
    ...query(['audit', 'list'], api.audit.list, { query: { action, target, cursor, limit: pageSize } }),
    placeholderData: keepPreviousData,
    refetchInterval: cursor ? false : lookEveryMs,
  })
  const isFiltered = Boolean(action ?? target)
  const items = trail.data?.items ?? []
  const next = trail.data?.nextCursor
  return (
    <>
      <FilterBar filters={filters} onFilter={onFilter} onClear={onClear} />
      <Card className="overflow-clip">
        {trail.isPending && <SkeletonRows rows={12} />}
        {trail.isError && (
          <ErrorPanel
            error={trail.error}
            isRetrying={trail.isFetching}
            onRetry={() => void trail.refetch()}
            className="m-4"
          />
        )}
        {trail.isSuccess && items.length === 0 && (
          <EmptyState
            icon={isFiltered ? SearchX : Activity}
            title={isFiltered ? t.noneFound : t.none}
            text={isFiltered ? t.noneFoundText : t.noneText}
            action={
              isFiltered && (
                <Button variant="secondary" onClick={onClear}>
                  {t.clear}
                </Button>
              )
            }
          />
        )}
        {items.length > 0 && <AuditTable entries={items} onFilter={onFilter} />}
        <Pagination
          isLoading={trail.isPlaceholderData}
          onNewer={cursors.length > 0 ? () => setCursors(cursors.slice(0, -1)) : undefined}
          onOlder={next ? () => setCursors([...cursors, next]) : undefined}
        />
      </Card>
    </>
  )
}

function FilterBar({ filters: { action, target }, onFilter, onClear }: AuditTrailProps) {
  const t = useMessages('audit')
  const actions: readonly string[] =
    action === undefined || knownActions.some((one) => one === action)
      ? knownActions
      : [action, ...knownActions]
  return (
    <div className="mb-4 flex flex-wrap items-center gap-2">
      <Select
        aria-label={t.action}
        value={action ?? ''}
        onChange={(event) => onFilter({ action: event.target.value || undefined })}
        className="w-full sm:w-56"
      >
        <option value="">{t.allActions}</option>
        {actions.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </Select>
      <SearchInput
        label={`${t.target}: ${t.targetHint}`}
        placeholder={t.targetHint}
        value={target ?? ''}
        onChange={(text) => onFilter({ target: text || undefined })}
        className="w-full sm:w-80"
      />
      {(action ?? target) !== undefined && (
        <Button variant="ghost" onClick={onClear}>
          <FilterX aria-hidden />
          {t.clear}
        </Button>
      )}
    </div>
  )
}

/** Where there is room enough beside what matters more. */
const roomy = 'md:max-lg:hidden'

interface AuditTableProps {
  readonly entries: readonly AuditEntry[]
  readonly onFilter: (changed: AuditFilters) => void
}

function AuditTable({ entries, onFilter }: AuditTableProps) {
  const t = useMessages('audit')
  return (
    <Table label={t.caption} stack className="md:table-fixed">
      <TableHead>
        <Th className="w-12">
          <span className="sr-only">{t.details}</span>
        </Th>
        <Th className="w-46 lg:w-52">{t.action}</Th>
        <Th>{t.target}</Th>
        <Th className="w-36 lg:w-48">{t.who}</Th>
        <Th className={clsx('w-36', roomy)}>{t.address}</Th>
        <Th className="w-34 lg:w-36">{t.when}</Th>
      </TableHead>
      <TableBody>
        {entries.map((entry) => (
          <AuditLine key={entry.seq} entry={entry} onFilter={onFilter} />
        ))}
      </TableBody>
    </Table>
  )
}

function AuditLine({ entry, onFilter }: { readonly entry: AuditEntry } & Pick<AuditTableProps, 'onFilter'>) {
  const t = useMessages('audit')
  const id = useId()
  const [isOpen, setOpen] = useState(false)
  const { seq, at, action, target, ip, detail, hash } = entry
  return (
    <>
      <Row>
        <Td className="stacked:float-end">
          <IconButton
            size="sm"
            icon={isOpen ? ChevronDown : ChevronRight}
            label={t.showDetails(action)}
            aria-expanded={isOpen}
            aria-controls={isOpen ? id : undefined}
            onClick={() => setOpen(!isOpen)}
          />
        </Td>
        <Td>
          <button
            type="button"
            title={t.filterBy(action)}
            onClick={() => onFilter({ action })}
            className="min-h-6 pointer-coarse:min-h-11 rounded-xs text-start hover:underline"
          >
            <code className="text-sm">{action}</code>
          </button>
        </Td>
        <Td label={t.target}>{target === null ? '–' : <Target target={target} onFilter={onFilter} />}</Td>
        <Td label={t.who}>
          <Actor actor={entry.actor} />
        </Td>
        <Td label={t.address} className={clsx('text-muted-foreground', roomy)}>
          <span className="foreign">{ip ?? '–'}</span>
        </Td>
        <Td label={t.when} className="text-muted-foreground">
          <RelativeTime at={at} />
        </Td>
      </Row>
      {isOpen && (
        <Row id={id} className="border-t-0! bg-muted/40">
          <Td colSpan={6} className="px-4! pb-4">
            <div className="w-full min-w-0 space-y-2 py-1">
              {Object.keys(detail).length === 0 ? (
                <p className="text-muted-foreground">{t.noDetails}</p>
              ) : (
                <CodeBlock code={JSON.stringify(detail, null, 2)} label={t.showDetails(action)} wrap />
              )}
              <p className="text-sm text-muted-foreground">
                {t.number} {seq} · {t.hash} <code className="text-xs break-all">{hash}</code>
              </p>
            </div>
          </Td>
        </Row>
      )}
    </>
  )
}

function Target({ target, onFilter }: { readonly target: string } & Pick<AuditTableProps, 'onFilter'>) {
  const t = useMessages('audit')
  const page = pageOf(target)
  const nodes = useQuery(nodesQuery)
  if (page) {
    const name = nodes.data?.items.find(({ id }) => id === target)?.name
    return (
      <Link
        {...page}
        params={{ id: target }}
        title={target}
        className="block min-h-6 max-w-full truncate underline decoration-border underline-offset-3 hover:decoration-foreground foreign"
      >
        {name ?? <code className="text-sm">{target}</code>}
      </Link>
    )
  }
  return (
    <button
      type="button"
      title={t.filterBy(target)}
      onClick={() => onFilter({ target })}
      className="block min-h-6 pointer-coarse:min-h-11 max-w-full truncate rounded-xs text-start hover:underline foreign"
    >
      {target}
    </button>
  )
}

function Actor({ actor }: { readonly actor: string }) {
  const { kinds } = useMessages('audit')
  const { kind, name } = toActor(actor)
  const word = Object.hasOwn(kinds, kind) ? kinds[kind as keyof typeof kinds] : kind
  return (
    <span className="block max-w-full truncate">
      {name === null ? word : <span className="font-medium foreign">{name}</span>}
      {name !== null && <span className="text-sm text-muted-foreground"> · {word}</span>}
    </span>
  )
}
