import { type ReactNode, useState } from 'react'
import { useMessages } from '../lib/messages.ts'
import { Button } from './button.tsx'
import { Dialog, DialogClose } from './dialog.tsx'
import { ErrorPanel } from './error-panel.tsx'
import { Field } from './field.tsx'
import { Input } from './input.tsx'

interface ConfirmDialogProps {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  /** The question, with the name of the thing: “Remove node nas?”. */
  readonly title: ReactNode
  /** What happens then, and whether it can be undone. */
  readonly description: ReactNode
  /** The verb: “Remove node”. */
  readonly confirmLabel: string
  /** For what cannot be undone: this has to be typed first. */
  readonly typeName?: string
  readonly variant?: 'danger' | 'primary' | 'approve'
  readonly onConfirm: () => void
  readonly isPending?: boolean
  /** What the last attempt has thrown. */
  readonly error?: unknown
  readonly children?: ReactNode
}

/** A question before something is done. The caller closes it once it is. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  description,
  confirmLabel,
  typeName,
  variant = 'danger',
  onConfirm,
  isPending = false,
  error,
  children,
}: ConfirmDialogProps) {
  const t = useMessages('ui')
  const [typed, setTyped] = useState('')
  const isReady = typeName === undefined || typed.trim() === typeName
  const change = (isOpen: boolean) => {
    setTyped('')
    onOpenChange(isOpen)
  }
  const confirm = () => {
    if (isReady && !isPending) onConfirm()
  }
  const hasBody = Boolean(children || typeName || error)
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={title}
      description={description}
      size="sm"
      role="alertdialog"
      footer={
        <>
          <DialogClose>
            <Button variant="ghost">{t.cancel}</Button>
          </DialogClose>
          <Button variant={variant} disabled={!isReady} isLoading={isPending} onClick={confirm}>
            {confirmLabel}
          </Button>
        </>
      }
    >
      {hasBody && (
        <form
          className="space-y-4"
          onSubmit={(event) => {
            event.preventDefault()
            confirm()
          }}
        >
          {children}
          {typeName !== undefined && (
            <Field label={<span className="foreign">{t.confirm.typeToConfirm(typeName)}</span>}>
              <Input
                mono
                value={typed}
                spellCheck={false}
                autoCapitalize="none"
                onChange={(event) => setTyped(event.target.value)}
              />
            </Field>
          )}
          {error !== undefined && error !== null && <ErrorPanel error={error} isCompact />}
        </form>
      )}
    </Dialog>
  )
}
