import { clsx } from 'clsx'
import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useMessages } from '../lib/messages.ts'
import { IconButton } from './button.tsx'
import { copyText } from './copy-text.ts'

const shownMs = 2_000

/** A copy button's state: what it says, and that it says so for two seconds. */
function useCopied() {
  const [result, setResult] = useState<'copied' | 'refused' | null>(null)
  useEffect(() => {
    if (!result) return
    const timer = setTimeout(() => setResult(null), shownMs)
    return () => clearTimeout(timer)
  }, [result])
  const copy = async (text: string) => setResult((await copyText(text)) ? 'copied' : 'refused')
  return { result, copy }
}

interface CopyButtonProps {
  readonly value: string
  /** What is copied, as in “Copy the fingerprint”. */
  readonly what?: string
}

export function CopyButton({ value, what }: CopyButtonProps) {
  const t = useMessages('ui')
  const { result, copy } = useCopied()
  return (
    <>
      <IconButton
        size="sm"
        label={what ? t.copyThis(what) : t.copy}
        icon={result === 'copied' ? Check : Copy}
        className={result === 'copied' ? 'text-status-ok' : ''}
        onClick={() => void copy(value)}
      />
      <span aria-live="polite" className={result === 'refused' ? 'text-xs text-muted-foreground' : 'sr-only'}>
        {result === 'copied' && t.copied}
        {result === 'refused' && t.notCopied}
      </span>
    </>
  )
}

/** A value to take elsewhere: an id, a fingerprint, a command. */
export function Copyable({ value, what, className }: CopyButtonProps & { readonly className?: string }) {
  return (
    <span className={clsx('inline-flex max-w-full items-center gap-1', className)}>
      <code className="min-w-0 text-sm foreign">{value}</code>
      <CopyButton value={value} {...(what ? { what } : {})} />
    </span>
  )
}
