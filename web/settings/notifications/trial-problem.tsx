import { CircleX } from 'lucide-react'
import type { Problem } from '../../../contract/errors.ts'

/** Why a message was not taken, and what to do about it. */
export function TrialProblem({ problem: { title, detail, fix } }: { readonly problem: Problem }) {
  return (
    <p role="alert" className="flex gap-2 text-sm">
      <CircleX aria-hidden className="mt-0.5 size-4 shrink-0 text-status-fail" />
      <span className="min-w-0 text-pretty">
        <span className="font-medium text-status-fail">{title}.</span>{' '}
        {detail !== `${title}.` && <span className="foreign wrap-anywhere">{detail} </span>}
        <span className="text-muted-foreground">{fix}</span>
      </span>
    </p>
  )
}
