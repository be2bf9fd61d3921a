import { EllipsisVertical } from 'lucide-react'
import type { Agent } from '../../../contract/agents.ts'
import { useMessages } from '../../lib/messages.ts'
import { askToRun } from '../../lib/run-request.ts'
import { IconButton } from '../../ui/button.tsx'
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from '../../ui/dropdown-menu.tsx'

interface RunMenuProps {
  /** What it is about, for those who listen. */
  readonly label: string
  readonly agents: readonly Agent[]
  readonly targets: readonly string[]
}

/** What dragging an agent there does, without dragging. */
export function RunMenu({ label, agents, targets }: RunMenuProps) {
  const t = useMessages('nodes').topology
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <IconButton size="sm" label={label} icon={EllipsisVertical} />
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuLabel>{t.runHere}</DropdownMenuLabel>
        {agents.map(({ manifest: { id, title } }) => (
          <DropdownMenuItem key={id} onSelect={() => askToRun({ agentId: id, targets })}>
            {title}
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  )
}
