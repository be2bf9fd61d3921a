import { ArrowDown, ArrowUp } from 'lucide-react'
import { useMessages } from '../lib/messages.ts'
import { setPreferences } from '../lib/preferences.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Checkbox } from '../ui/checkbox.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { type Arrangement, asTheyCome, type CardName, inOrder } from './arrangement.ts'
import { moved, shownOrHidden } from './rearrange.ts'

interface ArrangeDialogProps {
  readonly arrangement: Arrangement
  readonly onClose: () => void
}

/** Which cards the dashboard has, and in which order. What is chosen holds at once, on this device. */
export function ArrangeDialog({ arrangement, onClose }: ArrangeDialogProps) {
  const t = useMessages('home')
  const change = (dashboard: Arrangement) => setPreferences({ dashboard })
  const order = inOrder(arrangement)
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      size="sm"
      title={t.arrange.title}
      footer={
        <>
          <Button variant="ghost" onClick={() => change(asTheyCome)}>
            {t.arrange.reset}
          </Button>
          <DialogClose>
            <Button variant="primary">{t.arrange.done}</Button>
          </DialogClose>
        </>
      }
    >
      <p className="mb-3 text-muted-foreground text-pretty">{t.arrange.text}</p>
      <ol className="divide-y divide-border rounded-md border border-border">
        {order.map((card, place) => (
          <li key={card} className="flex items-center gap-1 py-1 pe-1 ps-3">
            <span className="min-w-0 flex-1">
              <Checkbox
                label={t.cards[card]}
                checked={!arrangement.hidden.includes(card)}
                onChange={(event) => change(shownOrHidden(arrangement, card, event.target.checked))}
              />
            </span>
            <Move card={card} by={-1} isOff={place === 0} arrangement={arrangement} />
            <Move card={card} by={1} isOff={place === order.length - 1} arrangement={arrangement} />
          </li>
        ))}
      </ol>
    </Dialog>
  )
}

interface MoveProps {
  readonly card: CardName
  readonly by: -1 | 1
  readonly isOff: boolean
  readonly arrangement: Arrangement
}

function Move({ card, by, isOff, arrangement }: MoveProps) {
  const t = useMessages('home')
  return (
    <IconButton
      size="sm"
      icon={by < 0 ? ArrowUp : ArrowDown}
      label={by < 0 ? t.arrange.up(t.cards[card]) : t.arrange.down(t.cards[card])}
      // Not `disabled`: the focus would be lost when the card comes to the end.
      aria-disabled={isOff || undefined}
      onClick={() => setPreferences({ dashboard: moved(arrangement, card, by) })}
    />
  )
}
