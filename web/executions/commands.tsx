import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import {
  Ban,
  ChevronRight,
  CircleCheck,
  CircleX,
  Eye,
  type LucideIcon,
  ScrollText,
  SearchX,
  SquareTerminal,
} from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import type { CommandRecord, Execution } from '../../contract/executions.ts'
import { isFinal } from '../../contract/executions.ts'
import { formatDuration, formatNumber } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card } from '../ui/card.tsx'
import { Switch } from '../ui/checkbox.tsx'
import { CopyButton } from '../ui/copyable.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import type { Tone } from '../ui/tone.ts'
import { toneText } from '../ui/tone.ts'
import { commandsQuery } from './queries.ts'
import { quoteArgv } from './quote-argv.ts'

/** The commands that ran on the node, exactly. */
export function Commands({ execution: { id, state } }: { readonly execution: Execution }) {
  const commands = useQuery(commandsQuery(id, isFinal(state)))
  if (commands.isPending) {
    return (
      <Card>
        <SkeletonRows rows={8} />
      </Card>
    )
  }
  if (commands.isError) {
    return (
      <ErrorPanel
        error={commands.error}
        onRetry={() => void commands.refetch()}
        isRetrying={commands.isFetching}
      />
    )
  }
  return <CommandList executionId={id} commands={commands.data.items} />
}

const shownAtOnce = 100

export interface CommandListProps {
  readonly executionId: string
  readonly commands: readonly CommandRecord[]
}

export function CommandList({ executionId, commands }: CommandListProps) {
  const t = useMessages('execution').commands
  const [term, setTerm] = useState('')
  const [isOnlyFailed, setOnlyFailed] = useState(false)
  const [limit, setLimit] = useState(shownAtOnce)
  const wanted = useDeferredValue(term.trim().toLowerCase())
  if (commands.length === 0) {
    return (
      <Card aria-label={t.title}>
        <EmptyState icon={SquareTerminal} title={t.none} text={t.noneText} />
      </Card>
    )
  }
  const words = wanted.split(/\s+/).filter(Boolean)
  const fitting = commands.filter((command) => {
    const text = command.argv.join(' ').toLowerCase()
    return (!isOnlyFailed || hasFailed(command)) && words.every((word) => text.includes(word))
  })
  const count =
    fitting.length === commands.length
      ? t.all(formatNumber(commands.length))
      : t.some(formatNumber(fitting.length), formatNumber(commands.length))
  return (
    <Card aria-label={t.title}>
      <div className="space-y-3 border-b border-border px-4 py-3">
        <p className="text-sm text-muted-foreground text-pretty">{t.source}</p>
        <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
          <SearchInput
            value={term}
            onChange={setTerm}
            label={t.search}
            placeholder={t.search}
            className="w-full max-w-sm"
          />
          <Switch
            label={t.onlyFailed}
            checked={isOnlyFailed}
            onChange={(event) => setOnlyFailed(event.target.checked)}
          />
          <span
            className="flex items-center gap-1 text-sm text-muted-foreground sm:ms-auto"
            aria-live="polite"
          >
            {count}
            <CopyButton value={fitting.map(({ argv }) => quoteArgv(argv)).join('\n')} what={t.copyAll} />
          </span>
        </div>
      </div>
      {fitting.length === 0 ? (
        <EmptyState icon={SearchX} title={t.noMatch} className="py-8" />
      ) : (
        <ul className="divide-y divide-border">
          {fitting.slice(0, limit).map((command) => (
            <CommandLine key={command.seq} executionId={executionId} command={command} />
          ))}
        </ul>
      )}
      {fitting.length > limit && (
        <div className="border-t border-border px-4 py-3 text-center">
          <Button size="sm" variant="secondary" onClick={() => setLimit(limit + shownAtOnce)}>
            {t.more}
          </Button>
        </div>
      )}
    </Card>
  )
}

const isAudited = ({ via }: CommandRecord) => via !== 'kit' && via !== 'denied'
const hasFailed = (command: CommandRecord): boolean =>
  !isAudited(command) && (command.rc !== 0 || command.via === 'denied')

/** How a command ended, in a word, with its colour. An exit status that is not 0 is often an answer, so it is no alarm. */
function endOf(
  command: Pick<CommandRecord, 'rc' | 'via' | 'note'>,
  t: ReturnType<typeof useMessages<'execution'>>['commands'],
): { readonly word: string; readonly tone: Tone; readonly Icon: LucideIcon } {
  const { via, rc } = command
  if (via === 'denied') return { word: t.denied, tone: 'fail', Icon: Ban }
  if (via !== 'kit') return { word: t.seen, tone: 'idle', Icon: Eye }
  if (rc === null) return { word: t.notRun, tone: 'missed', Icon: CircleX }
  return rc === 0
    ? { word: t.exit(rc), tone: 'ok', Icon: CircleCheck }
    : { word: t.exit(rc), tone: 'missed', Icon: CircleX }
}

interface CommandLineProps {
  readonly executionId: string
  readonly command: CommandRecord
}

function CommandLine({ executionId, command }: CommandLineProps) {
  const t = useMessages('execution').commands
  const { seq, argv, ms, via, note } = command
  const { word, tone, Icon } = endOf(command, t)
  const line = quoteArgv(argv)
  return (
    <li className="flex items-start gap-2 py-1.5 pe-2 ps-4">
      <div className="min-w-0 flex-1 py-1">
        <Argv line={line} />
        <p className="mt-0.5 flex flex-wrap items-center gap-x-3 gap-y-0.5 text-sm text-muted-foreground">
          <span
            className={clsx('inline-flex items-center gap-1', toneText[tone])}
            title={isAudited(command) ? t.seenHint : undefined}
          >
            <Icon aria-hidden className="size-3.5 shrink-0" />
            {word}
          </span>
          {ms !== null && <span className="tabular-nums">{formatDuration(ms)}</span>}
          {isAudited(command) && <code className="text-xs foreign">{via}</code>}
          {note !== null && note !== 'not allowed' && <span className="foreign">{note}</span>}
          <Link
            to="/executions/$id"
            params={{ id: executionId }}
            search={{ tab: 'log', line: seq }}
            className="inline-flex min-h-6 items-center gap-1 rounded-xs underline-offset-4 hover:text-foreground hover:underline"
          >
            <ScrollText aria-hidden className="size-3.5" />
            {t.toLog}
          </Link>
        </p>
      </div>
      <CopyButton value={line} what={t.command} />
    </li>
  )
}

/** A program handed over as an argument runs over many lines; two are enough to know it. */
function Argv({ line }: { readonly line: string }) {
  const isLong = line.length > 240 || line.includes('\n')
  if (!isLong) return <code className="block text-sm foreign">{line}</code>
  const first = line.split('\n', 1)[0] ?? ''
  return (
    <details className="group">
      <summary className="flex min-h-6 list-none items-start gap-1 rounded-xs pointer-coarse:min-h-11 [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          className="mt-0.5 size-4 shrink-0 text-muted-foreground transition-transform group-open:rotate-90"
        />
        <code className="line-clamp-2 text-sm foreign group-open:hidden">{`${first.slice(0, 240)} …`}</code>
        <code className="hidden text-sm whitespace-pre-wrap foreign group-open:block">{line}</code>
      </summary>
    </details>
  )
}
