import { clsx } from 'clsx'
import { EyeOff, Flag, GitCompareArrows, type LucideIcon, Ruler } from 'lucide-react'
import type { Claim, Evidence } from '../../../../contract/explanations.ts'
import { useMessages } from '../../../lib/messages.ts'
import { anchorOf } from '../standing.ts'

const icons: Record<Evidence['kind'], LucideIcon> = {
  finding: Flag,
  change: GitCompareArrows,
  gap: EyeOff,
  fact: Ruler,
}

interface ClaimTextProps {
  readonly claim: Claim
  readonly onShowFact: (fact: string) => void
  readonly className?: string
}

/** A sentence of a model as plain text, and under it what it rests on, to go and see. */
export function ClaimText({ claim: { text, evidence }, onShowFact, className }: ClaimTextProps) {
  const t = useMessages('explanation')
  return (
    <div className={clsx('space-y-1', className)}>
      <p className="text-pretty foreign">{text}</p>
      <ul aria-label={t.evidence} className="flex flex-wrap gap-x-3 gap-y-0.5 text-sm font-normal">
        {evidence.map((one) => (
          <li key={`${one.kind} ${one.ref}`} className="min-w-0">
            <EvidenceLink evidence={one} onShowFact={onShowFact} />
          </li>
        ))}
      </ul>
    </div>
  )
}

const look =
  'inline-flex min-h-6 max-w-full items-center gap-1.5 rounded-xs text-start text-muted-foreground underline-offset-4 hover:text-foreground hover:underline pointer-coarse:min-h-11'

interface EvidenceLinkProps {
  readonly evidence: Evidence
  readonly onShowFact: (fact: string) => void
}

function EvidenceLink({ evidence: { kind, ref, label }, onShowFact }: EvidenceLinkProps) {
  const Icon = icons[kind]
  const inside = (
    <>
      <Icon aria-hidden className="size-3.5 shrink-0" />
      <span className="min-w-0 truncate foreign">{label}</span>
    </>
  )
  switch (kind) {
    case 'fact':
      return (
        <button type="button" className={look} onClick={() => onShowFact(ref.split('.')[0] ?? ref)}>
          {inside}
        </button>
      )
    case 'finding':
      return (
        <a href={`#${anchorOf(ref)}`} className={look} onClick={(event) => goTo(event, anchorOf(ref))}>
          {inside}
        </a>
      )
    case 'change':
    case 'gap': {
      const place = kind === 'change' ? 'changes' : 'gaps'
      return (
        <a href={`#${place}`} className={look} onClick={(event) => goTo(event, place)}>
          {inside}
        </a>
      )
    }
  }
}

/** Brings it into view and marks it, also when the address names it already. */
function goTo(event: { preventDefault(): void }, anchor: string): void {
  const place = document.getElementById(anchor)
  if (!place) return
  event.preventDefault()
  // A hidden one lies in a part that is folded up.
  place.closest('details')?.setAttribute('open', '')
  location.hash = anchor
  place.scrollIntoView({ block: 'center' })
}
