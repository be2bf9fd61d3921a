import { Command as Cmdk } from 'cmdk'
import {
  Bot,
  Braces,
  History,
  Play,
  Search,
  Server,
  SlidersHorizontal,
  SquareArrowOutUpRight,
  TriangleAlert,
  Zap,
} from 'lucide-react'
import { useMessages } from '../lib/messages.ts'
import type { Command, CommandKind } from './commands.ts'

const icons = {
  place: SquareArrowOutUpRight,
  action: Zap,
  node: Server,
  agent: Bot,
  execution: Play,
  preference: SlidersHorizontal,
  finding: TriangleAlert,
  fact: Braces,
  search: Search,
} satisfies Record<CommandKind, unknown>

interface CommandItemProps {
  readonly command: Command
  readonly isRecent: boolean
  readonly onChoose: () => void
}

export function CommandItem({ command: { id, kind, title, hint }, isRecent, onChoose }: CommandItemProps) {
  const t = useMessages('palette')
  const Icon = isRecent ? History : icons[kind]
  return (
    <Cmdk.Item
      value={id}
      onSelect={onChoose}
      className="flex min-h-10 cursor-pointer items-center gap-3 rounded-md px-3 outline-none select-none data-[selected=true]:bg-muted pointer-coarse:min-h-12"
    >
      <Icon aria-hidden className="size-4 shrink-0 text-muted-foreground" />
      <span className="min-w-0 flex-1 truncate foreign">{title}</span>
      {hint && <span className="max-w-[35%] truncate text-sm text-muted-foreground foreign">{hint}</span>}
      <span className="hidden shrink-0 text-xs text-muted-foreground sm:inline">
        {isRecent ? t.recent : t.kinds[kind]}
      </span>
    </Cmdk.Item>
  )
}
