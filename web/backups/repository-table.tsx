import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArchiveRestore, EllipsisVertical, KeyRound, LockKeyholeOpen, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { type Repository, sealedKinds } from '../../contract/repositories.ts'
import { useCan } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { formatBytes, formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { askToRun } from '../lib/run-request.ts'
import { FindingCounts } from '../nodes/finding-counts.tsx'
import { Badge } from '../ui/badge.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { Row, Table, TableBody, TableHead, Td, Th } from '../ui/table.tsx'
import { tellSuccess } from '../ui/toaster.tsx'
import { drillOf } from './drill.ts'
import { repositoriesQuery } from './queries.ts'
import { mayDrill, proofOf, proofTones, toneOfState } from './standing.ts'

interface RepositoryTableProps {
  readonly repositories: readonly Repository[]
  /** Milliseconds. */
  readonly now: number
  readonly onSeal: (repository: Repository) => void
}

/** Two or three lines in a cell keep their distance. */
const airy = 'py-2.5 stacked:py-1'

/** Repositories as lines of a table; as cards where the screen is narrow. */
export function RepositoryTable({ repositories, now, onSeal }: RepositoryTableProps) {
  const t = useMessages('backups')
  return (
    <Table label={t.caption} stack="wide">
      <TableHead>
        <Th>{t.repository}</Th>
        <Th>{t.newest}</Th>
        <Th>{t.check}</Th>
        <Th>{t.proof}</Th>
        <Th>{t.findings}</Th>
        <Th>
          <span className="sr-only">{t.actions}</span>
        </Th>
      </TableHead>
      <TableBody>
        {repositories.map((repository) => (
          <Row key={repository.id}>
            <Td className={airy}>
              <Where repository={repository} />
            </Td>
            <Td label={t.newest} className={airy}>
              <Newest repository={repository} />
            </Td>
            <Td label={t.check} className={airy}>
              <Check repository={repository} />
            </Td>
            <Td label={t.proofShort} className={airy}>
              <LastProof repository={repository} now={now} />
            </Td>
            <Td label={t.findings} className={repository.lookedAt ? '' : 'stacked:hidden!'}>
              <FindingCounts node={{ findings: repository.findings, lastSeenAt: repository.lookedAt }} />
            </Td>
            <Td align="right" className="stacked:justify-end!">
              <Actions repository={repository} now={now} onSeal={() => onSeal(repository)} />
            </Td>
          </Row>
        ))}
      </TableBody>
    </Table>
  )
}

function Where({ repository }: { readonly repository: Repository }) {
  const t = useMessages('backups')
  const { kind, location, nodeId, nodeName, state, sizeBytes } = repository
  return (
    <span className="grid min-w-0 gap-1">
      <span className="flex min-w-0 items-center gap-2">
        <Badge>{t.kinds[kind]}</Badge>
        <code title={location} className="block max-w-72 truncate text-sm foreign stacked:max-w-56">
          {location}
        </code>
      </span>
      <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 text-sm text-muted-foreground">
        <Link
          to="/nodes/$id"
          params={{ id: nodeId }}
          className="block max-w-48 truncate py-0.5 hover:underline foreign"
        >
          {nodeName}
        </Link>
        {sizeBytes !== null && <span className="tabular-nums">{formatBytes(sizeBytes)}</span>}
        {state !== 'open' && <Badge tone={toneOfState(state)}>{t.states[state]}</Badge>}
      </span>
    </span>
  )
}

function Newest({ repository: { newestAt, backups } }: { readonly repository: Repository }) {
  const t = useMessages('backups')
  if (newestAt === null) return <span className="text-muted-foreground">–</span>
  return (
    <span className="grid">
      <RelativeTime at={newestAt} plain />
      <span className="text-sm text-muted-foreground">{t.backups(backups, formatNumber(backups))}</span>
    </span>
  )
}

function Check({ repository: { check } }: { readonly repository: Repository }) {
  const t = useMessages('backups')
  if (check === null) return <span className="text-muted-foreground">{t.neverChecked}</span>
  return (
    <span className="grid" title={check.how}>
      <span className={check.isWhole ? '' : 'font-medium text-status-fail'}>
        {check.isWhole ? t.whole : t.damaged}
      </span>
      <span className="text-sm text-muted-foreground">
        <RelativeTime at={check.at} plain />
      </span>
    </span>
  )
}

function LastProof({ repository, now }: { readonly repository: Repository; readonly now: number }) {
  const t = useMessages('backups')
  const { proof, drill } = repository
  const known = proofOf(repository, now)
  if (known === 'none') return <span className="text-muted-foreground">{t.proofs.none}</span>
  return (
    <span className="grid justify-items-start gap-0.5 stacked:justify-items-end">
      <Badge tone={proofTones[known]}>{t.proofs[known]}</Badge>
      {proof && (
        <Link
          to="/executions/$id"
          params={{ id: proof.executionId }}
          className="text-sm whitespace-nowrap text-muted-foreground hover:underline"
        >
          <RelativeTime at={proof.at} plain /> · {t.restored(proof.files, formatNumber(proof.files))},{' '}
          {formatBytes(proof.bytes)}
        </Link>
      )}
      {known === 'failed' && drill && (
        <Link
          to="/executions/$id"
          params={{ id: drill.executionId }}
          title={drill.why ?? undefined}
          className="block max-w-64 truncate text-sm text-status-fail stacked:max-w-52 hover:underline foreign"
        >
          {drill.why ?? t.proofs.failed}
        </Link>
      )}
    </span>
  )
}

interface ActionsProps {
  readonly repository: Repository
  readonly now: number
  readonly onSeal: () => void
}

function Actions({ repository, now, onSeal }: ActionsProps) {
  const t = useMessages('backups')
  const mayRun = useCan('execution.start')
  const mayWrite = useCan('repository.write')
  const [asked, setAsked] = useState<'secret' | 'all' | null>(null)
  const name = repository.location
  // Nothing can be restored without it.
  const isLocked = proofOf(repository, now) === 'locked-out'
  return (
    <span className="inline-flex items-center justify-end gap-1">
      {isLocked && mayWrite ? (
        <Button size="sm" variant="secondary" onClick={onSeal}>
          <KeyRound aria-hidden />
          {t.enterSecret}
        </Button>
      ) : (
        mayRun &&
        mayDrill(repository) &&
        !isLocked && (
          <Button size="sm" variant="secondary" onClick={() => askToRun(drillOf(repository))}>
            <ArchiveRestore aria-hidden />
            {t.drill}
          </Button>
        )
      )}
      {mayWrite && (
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <IconButton size="sm" label={t.actionsFor(name)} icon={EllipsisVertical} />
          </DropdownMenuTrigger>
          <DropdownMenuContent>
            {sealedKinds.includes(repository.kind) && (
              <DropdownMenuItem onSelect={onSeal}>
                <KeyRound aria-hidden />
                {repository.secret ? t.replaceSecret : t.enterSecret}
              </DropdownMenuItem>
            )}
            {repository.secret && (
              <DropdownMenuItem danger onSelect={() => setAsked('secret')}>
                <LockKeyholeOpen aria-hidden />
                {t.forgetSecret}
              </DropdownMenuItem>
            )}
            <DropdownMenuItem danger onSelect={() => setAsked('all')}>
              <Trash2 aria-hidden />
              {t.forget}
            </DropdownMenuItem>
          </DropdownMenuContent>
        </DropdownMenu>
      )}
      {asked && <Forget repository={repository} what={asked} onClose={() => setAsked(null)} />}
    </span>
  )
}

interface ForgetProps {
  readonly repository: Repository
  readonly what: 'secret' | 'all'
  readonly onClose: () => void
}

function Forget({ repository: { id, location }, what, onClose }: ForgetProps) {
  const t = useMessages('backups')
  const queries = useQueryClient()
  const isAll = what === 'all'
  const forget = useMutation({
    mutationFn: async () => {
      if (isAll) await api.repositories.remove({ params: { id } })
      else await api.repositories.removeSecret({ params: { id } })
    },
    onSuccess: () => {
      tellSuccess(isAll ? t.forgotten(location) : t.secretForgotten(location))
      onClose()
    },
    onSettled: () => queries.invalidateQueries({ queryKey: repositoriesQuery.queryKey }),
  })
  return (
    <ConfirmDialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={
        <span className="foreign">{isAll ? t.forgetTitle(location) : t.forgetSecretTitle(location)}</span>
      }
      description={isAll ? t.forgetText : t.forgetSecretText}
      confirmLabel={isAll ? t.forget : t.forgetSecret}
      isPending={forget.isPending}
      error={forget.error}
      onConfirm={() => forget.mutate()}
    />
  )
}
