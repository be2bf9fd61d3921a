import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Command as Cmdk } from 'cmdk'
import { ArrowLeft, Search } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type KeyboardEvent, useDeferredValue, useRef, useState } from 'react'
import { can } from '../../contract/permissions.ts'
import { useUser } from '../account/use-session.ts'
import { api } from '../lib/api.ts'
import { type Messages, useMessages } from '../lib/messages.ts'
import { query } from '../lib/query.ts'
import { useWayBack } from '../ui/use-way-back.ts'
import { IconButton } from '../ui/button.tsx'
import { KeyHint } from '../ui/key-hint.tsx'
import '../ui/style-nonce.ts'
import { CommandItem } from './command-item.tsx'
import { type Command, commandsOf, type PalettePlace, type Step } from './commands.ts'
import { useHits } from './hits.ts'
import { lastWord, rank } from './rank.ts'
import { remember, useRecent } from './recent.ts'
import { useEffects } from './use-effects.tsx'

interface PaletteProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
  /** Where one can go. */
  readonly places: readonly PalettePlace[]
  readonly onShortcuts: () => void
}

/** Everything by name: places, nodes, agents, executions, and what can be done with them. A sheet on phones. */
export function Palette({ isOpen, onOpenChange, ...rest }: PaletteProps) {
  const t = useMessages('palette')
  const wayBack = useWayBack()
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-appear bg-shade" />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={wayBack.remember}
          onCloseAutoFocus={wayBack.goBack}
          className="fixed inset-0 z-50 flex animate-appear flex-col bg-card outline-none md:inset-x-0 md:top-[12dvh] md:bottom-auto md:mx-auto md:max-h-[70dvh] md:w-[calc(100%-4rem)] md:max-w-2xl md:rounded-lg md:border md:border-border md:shadow-overlay"
        >
          <Radix.Title className="sr-only">{t.label}</Radix.Title>
          <PaletteBody {...rest} close={() => onOpenChange(false)} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** Found this many at once, milliseconds of looking being what it costs. */
const nodesShown = 20

interface BodyProps extends Pick<PaletteProps, 'places' | 'onShortcuts'> {
  readonly close: () => void
}

function PaletteBody({ places, onShortcuts, close }: BodyProps) {
  const t = useMessages('palette')
  const words = { palette: t, shell: useMessages('shell'), ui: useMessages('ui') }
  const user = useUser()
  const recent = useRecent(({ ids }) => ids)
  const [step, setStep] = useState<Step>({ kind: 'root' })
  const [typed, setTyped] = useState('')
  const wanted = step.kind === 'root' ? lastWord(typed) : typed.trim()
  const search = useDeferredValue(wanted)
  /** What arrows or the pointer went to; otherwise the first is meant, also when a better one arrives later. */
  const [picked, setPicked] = useState<string | null>(null)
  const isByHand = useRef(false)

  const nodes = useQuery({
    ...query(['nodes', 'list'], api.nodes.list, {
      query: { limit: nodesShown, ...(search ? { search } : {}) },
    }),
    placeholderData: keepPreviousData,
  })
  const agents = useQuery(query(['agents', 'list'], api.agents.list, {}))
  const executions = useQuery(query(['executions', 'list'], api.executions.list, { query: { limit: 50 } }))
  const apply = useEffects({ setStep: goTo, onShortcuts, close })

  const isLooking = search !== wanted || nodes.isPending || (nodes.isFetching && nodes.isPlaceholderData)
  const all = commandsOf(
    step,
    {
      places,
      nodes: nodes.data?.items ?? [],
      agents: agents.data?.items ?? [],
      executions: executions.data?.items ?? [],
    },
    words,
  )
    .filter(({ permission }) => permission === null || (user !== null && can(user.role, permission)))
    // “All nodes” must not come first, and so be chosen by Enter, while the single ones are on their way.
    .filter((command) => !(isLooking && command.isWide))
  const isRoot = step.kind === 'root'
  const hits = useHits(isRoot ? typed : '')
  const found = [...rank(all, typed, isRoot ? recent : []), ...hits.commands]
  /** Nothing has this name; to look everywhere for it is all there is left. */
  const isNone = found.every(({ kind }) => kind === 'search')
  const isBroken = nodes.isError || executions.isError || agents.isError

  const selected = found.some(({ id }) => id === picked) ? picked : (found[0]?.id ?? null)

  function type(text: string) {
    setTyped(text)
    setPicked(null)
    isByHand.current = false
  }

  function goTo(next: Step) {
    setStep(next)
    type('')
  }

  function choose(command: Command) {
    if (isRoot && !hits.commands.includes(command)) remember(command.id)
    apply(command.effect)
  }

  function hear(event: KeyboardEvent) {
    if (/^(Arrow(Up|Down)|Home|End)$/.test(event.key) || event.ctrlKey) isByHand.current = true
    const goesBack = event.key === 'Escape' || (event.key === 'Backspace' && typed === '')
    if (isRoot || !goesBack) return
    event.preventDefault()
    event.stopPropagation()
    goTo({ kind: 'root' })
  }

  return (
    <Cmdk
      // The name of the field: what it asks for now.
      label={isRoot ? t.label : askOf(step, t)}
      shouldFilter={false}
      loop
      value={selected ?? ''}
      onValueChange={(id) => isByHand.current && setPicked(id)}
      onKeyDown={hear}
      onPointerMove={() => {
        isByHand.current = true
      }}
      className="flex min-h-0 flex-1 flex-col"
    >
      <div className="flex items-center gap-2 border-b border-border px-3 pt-[env(safe-area-inset-top)]">
        {isRoot ? (
          <Search aria-hidden className="mx-1.5 size-4.5 shrink-0 text-muted-foreground" />
        ) : (
          <IconButton size="sm" label={t.back} icon={ArrowLeft} onClick={() => goTo({ kind: 'root' })} />
        )}
        {!isRoot && (
          <span
            aria-hidden
            className="max-w-[45%] shrink-0 truncate rounded-sm bg-muted px-2 py-1 text-sm font-medium foreign"
          >
            {askOf(step, t)}
          </span>
        )}
        <Cmdk.Input
          autoFocus
          value={typed}
          onValueChange={type}
          placeholder={isRoot ? t.placeholder : ''}
          className="h-13 min-w-0 flex-1 bg-transparent text-lg outline-none"
        />
        <Radix.Close asChild>
          <button
            type="button"
            className="shrink-0 rounded-md px-2 py-1 text-sm text-muted-foreground hover:bg-muted pointer-coarse:h-11"
          >
            <span className="md:hidden">{words.ui.cancel}</span>
            <span className="hidden md:inline">
              <span className="sr-only">{words.ui.close}</span>
              <KeyHint keys={['Esc']} />
            </span>
          </button>
        </Radix.Close>
      </div>
      <p role="status" className="sr-only">
        {isLooking ? t.searching : isNone ? emptyText(typed, t) : ''}
      </p>
      {isNone && !isLooking && (
        <p aria-hidden className="px-5 py-10 text-center text-muted-foreground foreign">
          {emptyText(typed, t)}
        </p>
      )}
      <Cmdk.List
        label={t.results}
        className="min-h-0 flex-1 scroll-py-2 overflow-y-auto overscroll-contain p-2"
        // A list without options is none for those who listen.
        {...(found.length === 0 ? { role: 'presentation' } : {})}
      >
        {found.map((command) => (
          <CommandItem
            key={command.id}
            command={command}
            isRecent={typed === '' && isRoot && recent.includes(command.id)}
            onChoose={() => choose(command)}
          />
        ))}
      </Cmdk.List>
      {isBroken && (
        <p role="status" className="border-t border-border px-5 py-2 text-sm text-status-wait">
          {t.failed}
        </p>
      )}
      <div
        aria-hidden
        className="hidden items-center gap-4 border-t border-border px-4 py-2 text-xs text-muted-foreground md:flex"
      >
        <span className="flex items-center gap-1.5">
          <KeyHint keys={['↑', '↓']} /> {t.keys.move}
        </span>
        <span className="flex items-center gap-1.5">
          <KeyHint keys={['↵']} /> {t.keys.choose}
        </span>
        {!isRoot && (
          <span className="flex items-center gap-1.5">
            <KeyHint keys={['⌫']} /> {t.keys.back}
          </span>
        )}
      </div>
    </Cmdk>
  )
}

const emptyText = (typed: string, t: Messages['palette']): string =>
  typed.trim() === '' ? t.noneHere : t.none(typed.trim())

function askOf(step: Step, { asks }: Messages['palette']): string {
  switch (step.kind) {
    case 'root':
      return ''
    case 'run':
      return step.dryRun ? asks.dryRun(step.title) : asks.run(step.title)
    case 'test':
    case 'pause':
    case 'resume':
    case 'cancel':
      return asks[step.kind]
  }
}
