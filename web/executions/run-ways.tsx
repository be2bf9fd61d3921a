import { FlaskConical, SlidersHorizontal } from 'lucide-react'
import { useMessages } from '../lib/messages.ts'
import { DropdownMenuItem, OpenedMenu } from '../ui/dropdown-menu.tsx'
import type { Opening } from '../ui/opener.tsx'

interface RunWaysProps {
  readonly opening: Opening
  /** Whether a dry run is another thing than a run. */
  readonly canChange: boolean
  readonly isOff: boolean
  readonly onDryRun: () => void
  readonly onOptions: () => void
}

/** How else an agent can be run: as a dry run, or with options. */
export function RunWays({ opening, canChange, isOff, onDryRun, onOptions }: RunWaysProps) {
  const t = useMessages('executions')
  return (
    <OpenedMenu opening={opening}>
      {canChange && (
        <DropdownMenuItem disabled={isOff} onSelect={onDryRun}>
          <FlaskConical aria-hidden />
          <span>
            {t.dryRun}
            <span className="block text-sm text-muted-foreground">{t.dryRunNote}</span>
          </span>
        </DropdownMenuItem>
      )}
      <DropdownMenuItem onSelect={onOptions}>
        <SlidersHorizontal aria-hidden />
        {t.runWithOptions}
      </DropdownMenuItem>
    </OpenedMenu>
  )
}
