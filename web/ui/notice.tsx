import { clsx } from 'clsx'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { type Tone, toneEdge, toneText, toneTint } from './tone.ts'

interface NoticeProps {
  readonly icon: LucideIcon
  readonly tone: Tone
  readonly title: string
  readonly action?: ReactNode
  readonly children?: ReactNode
}

/** What somebody should know first of the thing that a page is about, and the way out. */
export function Notice({ icon: Icon, tone, title, action, children }: NoticeProps) {
  return (
    <section
      className={clsx(
        'mb-4 flex flex-wrap items-center gap-x-4 gap-y-3 rounded-lg border p-4',
        toneTint[tone],
        toneEdge[tone],
      )}
    >
      <Icon aria-hidden className={clsx('size-5 shrink-0 self-start', toneText[tone])} />
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-semibold">{title}</p>
        {children && <div className="mt-0.5">{children}</div>}
      </div>
      {action}
    </section>
  )
}
