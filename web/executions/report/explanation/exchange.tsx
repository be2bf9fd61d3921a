import { useQuery } from '@tanstack/react-query'
import { Eye } from 'lucide-react'
import { useState } from 'react'
import type { AiCallId } from '../../../../contract/ids.ts'
import { useCan } from '../../../account/use-session.ts'
import { api } from '../../../lib/api.ts'
import { useMessages } from '../../../lib/messages.ts'
import { query } from '../../../lib/query.ts'
import { CodeBlock } from '../../../ui/code-block.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { ErrorPanel } from '../../../ui/error-panel.tsx'
import { Loading, Skeleton } from '../../../ui/skeleton.tsx'

/** Opens exactly what was sent to a model and what came back. */
export function ExchangeButton({ id }: { readonly id: AiCallId }) {
  const t = useMessages('explanation')
  const mayRead = useCan('ai.read')
  const [isOpen, setOpen] = useState(false)
  if (!mayRead) return null
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="inline-flex min-h-6 items-center gap-1.5 rounded-xs underline-offset-4 hover:text-foreground hover:underline pointer-coarse:min-h-11"
      >
        <Eye aria-hidden className="size-3.5" />
        {t.exchange}
      </button>
      <Dialog open={isOpen} onOpenChange={setOpen} title={t.exchangeTitle} size="lg">
        <Exchange id={id} />
      </Dialog>
    </>
  )
}

function Exchange({ id }: { readonly id: AiCallId }) {
  const t = useMessages('explanation')
  const exchange = useQuery(query(['ai', 'exchange'], api.ai.exchange, { params: { id } }))
  if (exchange.isPending) {
    return (
      <Loading>
        <Skeleton className="h-64 w-full" />
      </Loading>
    )
  }
  if (!exchange.data) {
    return <ErrorPanel error={exchange.error} isCompact onRetry={() => void exchange.refetch()} />
  }
  const { request, answer, outcome } = exchange.data
  return (
    <div className="space-y-4">
      <section className="space-y-1.5">
        <h3 className="text-sm font-medium">{t.request}</h3>
        <CodeBlock code={indented(request)} label={t.request} wrap />
      </section>
      <section className="space-y-1.5">
        <h3 className="text-sm font-medium">{t.answer}</h3>
        {answer === null ? (
          <p className="text-muted-foreground foreign">{outcome ?? t.noAnswer}</p>
        ) : (
          <CodeBlock code={indented(answer)} label={t.answer} wrap />
        )}
      </section>
    </div>
  )
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
