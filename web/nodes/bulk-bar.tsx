import { useMutation, useQueryClient } from '@tanstack/react-query'
import {
  Bot,
  CirclePause,
  CirclePlay,
  EllipsisVertical,
  FlaskConical,
  KeyRound,
  ListChecks,
  Play,
  Tag,
  Trash2,
  X,
} from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useCan } from '../account/use-session.ts'
import type { Node } from '../../contract/nodes.ts'
import { formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { askToRun } from '../lib/run-request.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Dialog } from '../ui/dialog.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { Progress } from '../ui/progress.tsx'
import { Select } from '../ui/select.tsx'
import { tellFailure, tellSuccess } from '../ui/toaster.tsx'
import { AgentChoice } from './agent-choice.tsx'
import { type BulkAction, type BulkResult, inBulk, isTag } from './bulk.ts'
import { actOn } from './bulk-actions.ts'
import { BulkResults } from './bulk-results.tsx'
import { onlyReads } from './only-reads.ts'

interface BulkBarProps {
  readonly selected: readonly Node[]
  readonly onClear: () => void
  /** Selects all that fit the filters; left out where they are all on the page. */
  readonly onAll?: (() => Promise<void>) | undefined
}

/** What can be done with the selected nodes. Each action says of every node whether it worked. */
export function BulkBar({ selected, onClear, onAll }: BulkBarProps) {
  const t = useMessages('nodes').bulk
  const queries = useQueryClient()
  const mayWrite = useCan('node.write')
  const mayRun = useCan('execution.start')
  const mayRotate = useCan('credential.write')
  const [asking, setAsking] = useState<'tag' | 'untag' | 'grant' | 'rotate' | 'remove' | null>(null)
  const [done, setDone] = useState(0)
  const [failed, setFailed] = useState<{ action: BulkAction; results: readonly BulkResult[] } | null>(null)
  const count = formatNumber(selected.length)

  const act = useMutation({
    mutationFn: ({ action, nodes }: { action: BulkAction; nodes: readonly Node[] }) => {
      setDone(0)
      return inBulk(nodes, (node) => actOn(node, action), setDone)
    },
    onSuccess: (results, { action }) => {
      setAsking(null)
      if (results.some(({ problem }) => problem)) return setFailed({ action, results })
      setFailed(null)
      tellSuccess(
        action.kind === 'rotate'
          ? t.rotating(formatNumber(results.length))
          : t.allWorked(formatNumber(results.length)),
      )
      onClear()
    },
    onError: tellFailure,
    onSettled: () => queries.invalidateQueries({ queryKey: ['nodes'] }),
  })
  const all = useMutation({ mutationFn: async () => onAll?.(), onError: tellFailure })
  const start = (action: BulkAction, nodes = selected) => act.mutate({ action, nodes })
  const progress = act.isPending && (
    <Progress
      label={t.going(formatNumber(done), formatNumber(act.variables.nodes.length))}
      percent={(done / act.variables.nodes.length) * 100}
    />
  )

  return (
    <section
      aria-label={t.label}
      className="sticky top-[calc(var(--top-bar,0px)+0.5rem)] z-20 mb-3 animate-appear rounded-lg border border-border bg-card px-3 py-2 shadow-overlay"
    >
      <div className="flex items-center gap-2">
        <IconButton size="sm" label={t.clear} icon={X} onClick={onClear} />
        <span role="status" className="me-auto font-medium tabular-nums">
          {act.isPending
            ? t.going(formatNumber(done), formatNumber(act.variables.nodes.length))
            : t.selected(count)}
        </span>
        {onAll && (
          <Button size="sm" variant="ghost" isLoading={all.isPending} onClick={() => all.mutate()}>
            <ListChecks aria-hidden />
            {t.all}
          </Button>
        )}
        {mayRun && (
          <Button
            size="sm"
            variant="secondary"
            className="max-sm:hidden"
            onClick={() => askToRun({ targets: selected.map(({ id }) => id), dryRun: true })}
          >
            <FlaskConical aria-hidden />
            {t.dryRun}
          </Button>
        )}
        {mayRun && (
          <Button
            size="sm"
            variant="primary"
            onClick={() => askToRun({ targets: selected.map(({ id }) => id) })}
          >
            <Play aria-hidden />
            {t.run}
          </Button>
        )}
        {mayWrite && (
          <DropdownMenu>
            <DropdownMenuTrigger asChild>
              <IconButton size="sm" variant="secondary" label={t.label} icon={EllipsisVertical} />
            </DropdownMenuTrigger>
            <DropdownMenuContent>
              <DropdownMenuItem onSelect={() => setAsking('tag')}>
                <Tag aria-hidden />
                {t.tag}
              </DropdownMenuItem>
              <DropdownMenuItem
                disabled={!selected.some(({ tags }) => tags.length > 0)}
                onSelect={() => setAsking('untag')}
              >
                <X aria-hidden />
                {t.untag}
              </DropdownMenuItem>
              <DropdownMenuItem onSelect={() => setAsking('grant')}>
                <Bot aria-hidden />
                {t.grant}
              </DropdownMenuItem>
              <DropdownMenuItem onSelect={() => start({ kind: 'pause' })}>
                <CirclePause aria-hidden />
                {t.pause}
              </DropdownMenuItem>
              <DropdownMenuItem onSelect={() => start({ kind: 'resume' })}>
                <CirclePlay aria-hidden />
                {t.resume}
              </DropdownMenuItem>
              {mayRotate && (
                <DropdownMenuItem onSelect={() => setAsking('rotate')}>
                  <KeyRound aria-hidden />
                  {t.rotate}
                </DropdownMenuItem>
              )}
              <DropdownMenuItem danger onSelect={() => setAsking('remove')}>
                <Trash2 aria-hidden />
                {t.remove}
              </DropdownMenuItem>
            </DropdownMenuContent>
          </DropdownMenu>
        )}
      </div>
      {progress && <div className="mt-2">{progress}</div>}

      <TagDialog
        // Opens empty each time.
        key={asking ?? 'none'}
        kind={asking === 'untag' ? 'untag' : 'tag'}
        open={asking === 'tag' || asking === 'untag'}
        onOpenChange={() => setAsking(null)}
        selected={selected}
        isPending={act.isPending}
        onApply={(action) => start(action)}
      />
      <GrantDialog
        key={asking === 'grant' ? 'grant' : 'no-grant'}
        open={asking === 'grant'}
        onOpenChange={() => setAsking(null)}
        selected={selected}
        isPending={act.isPending}
        onApply={(action) => start(action)}
      />
      <ConfirmDialog
        open={asking === 'rotate'}
        onOpenChange={() => setAsking(null)}
        title={t.rotateTitle(count)}
        description={t.rotateText}
        confirmLabel={t.rotate}
        variant="primary"
        isPending={act.isPending}
        onConfirm={() => start({ kind: 'rotate' })}
      >
        {progress}
      </ConfirmDialog>
      <ConfirmDialog
        open={asking === 'remove'}
        onOpenChange={() => setAsking(null)}
        title={t.removeTitle(count)}
        description={t.removeText}
        confirmLabel={t.remove}
        typeName={String(selected.length)}
        isPending={act.isPending}
        onConfirm={() => start({ kind: 'remove' })}
      >
        {progress}
      </ConfirmDialog>
      {failed && (
        <BulkResults
          results={failed.results}
          isPending={act.isPending}
          onClose={() => {
            setFailed(null)
            onClear()
          }}
          onRetry={(nodes) => start(failed.action, nodes)}
        />
      )}
    </section>
  )
}

interface TagDialogProps {
  readonly kind: 'tag' | 'untag'
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly selected: readonly Node[]
  readonly isPending: boolean
  readonly onApply: (action: BulkAction) => void
}

function TagDialog({ kind, open, onOpenChange, selected, isPending, onApply }: TagDialogProps) {
  const messages = useMessages('nodes')
  const t = messages.bulk
  const tags = [...new Set(selected.flatMap((node) => node.tags))].sort()
  const [tag, setTag] = useState(kind === 'untag' ? (tags[0] ?? '') : '')
  const [isWrong, setWrong] = useState(false)
  const count = formatNumber(selected.length)
  const apply = (event?: FormEvent) => {
    event?.preventDefault()
    if (!isTag(tag.trim())) return setWrong(true)
    onApply({ kind, tag: tag.trim() })
  }
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      size="sm"
      title={kind === 'tag' ? t.tagTitle(count) : t.untagTitle(count)}
      footer={
        <Button variant="primary" isLoading={isPending} onClick={() => apply()}>
          {t.apply}
        </Button>
      }
    >
      <form onSubmit={apply}>
        <Field
          label={t.tagLabel}
          {...(kind === 'tag' && { hint: t.tagHint })}
          {...(isWrong && { error: messages.form.wrong['node.tags'] ?? '' })}
        >
          {kind === 'tag' ? (
            <Input
              value={tag}
              autoCapitalize="none"
              spellCheck={false}
              onChange={(event) => {
                setTag(event.target.value)
                setWrong(false)
              }}
            />
          ) : (
            <Select value={tag} onChange={(event) => setTag(event.target.value)}>
              {tags.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </Select>
          )}
        </Field>
      </form>
    </Dialog>
  )
}

type GrantDialogProps = Omit<TagDialogProps, 'kind'>

/** Which agents may run on all of them. It opens with what they have, where that is the same everywhere. */
function GrantDialog({ open, onOpenChange, selected, isPending, onApply }: GrantDialogProps) {
  const t = useMessages('nodes').bulk
  const before = [...new Set(selected.map(({ allowedAgents }) => JSON.stringify(allowedAgents?.toSorted())))]
  const [agents, setAgents] = useState<Node['allowedAgents']>(
    before.length === 1 ? (selected[0]?.allowedAgents ?? null) : [onlyReads],
  )
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t.grantTitle(formatNumber(selected.length))}
      footer={
        <Button variant="primary" isLoading={isPending} onClick={() => onApply({ kind: 'grant', agents })}>
          {t.apply}
        </Button>
      }
    >
      <div className="grid gap-4">
        <p className="text-muted-foreground text-pretty">{t.grantText}</p>
        {before.length > 1 && <p className="text-status-wait">{t.grantDiffers}</p>}
        <AgentChoice value={agents} onChange={(ids) => setAgents(ids as Node['allowedAgents'])} />
      </div>
    </Dialog>
  )
}
