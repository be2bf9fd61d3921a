import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { Settings2 } from 'lucide-react'
import { isSampleId } from '../../contract/sample-ids.ts'
import { useCan } from '../account/use-session.ts'
import { RunButton } from '../executions/run-button.tsx'
import { useMessages } from '../lib/messages.ts'
import { useLater } from '../lib/later.ts'
import { usePreferences } from '../lib/preferences.ts'
import { IconButton } from '../ui/button.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { asTheyCome, type CardName, inOrder } from './arrangement.ts'
import { NeedsYou } from './needs-you.tsx'
import { NodeGrid } from './node-grid.tsx'
import { recentQuery, tilesQuery } from './queries.ts'
import { QuickActions } from './quick-actions.tsx'
import { Recent } from './recent.tsx'

// Whoever has been here before needs them no more.
const FirstSteps = lazy(async () => ({ default: (await import('./first-steps.tsx')).FirstStepsAtHome }))
// Behind the first view: each of them asks for something of its own.
const MoreCard = lazy(async () => ({ default: (await import('./more-cards.tsx')).MoreCard }))
const ArrangeDialog = lazy(async () => ({ default: (await import('./arrange-dialog.tsx')).ArrangeDialog }))

/** Home: what needs somebody, what can be run, what ran, how the nodes are, and what is to come. */
export function DashboardPage() {
  const t = useMessages('dashboard')
  const words = useMessages('executions')
  const nodes = useQuery(tilesQuery).data
  const recent = useQuery(recentQuery).data
  const arrangement = usePreferences(({ dashboard }) => dashboard) ?? asTheyCome
  const isLater = useLater()
  const [isArranging, setArranging] = useState(false)
  // Made-up nodes are there to look around: whoever has no others is as new as before.
  const isOwn = nodes?.items.some(({ id }) => !isSampleId(id))
  const isNew =
    isOwn !== undefined &&
    recent !== undefined &&
    (!isOwn || recent.items.every(({ nodeId }) => isSampleId(nodeId)))
  // Until it is known whether anything is there, the skeletons of the usual page stand.
  const isEmpty = nodes?.items.length === 0
  const mayRun = useCan('execution.start')
  // A card of buttons that somebody may not press tells them nothing.
  const shown = inOrder(arrangement).filter(
    (card) => !arrangement.hidden.includes(card) && (mayRun || card !== 'actions'),
  )
  // An odd one would have a hole beside it.
  const halves = shown.filter((card) => widths[card] === half)
  const lone = halves.length % 2 === 1 ? halves.at(-1) : undefined
  return (
    <>
      <PageHeader
        title={t.title}
        badge={
          !isEmpty && <IconButton label={t.arrange} icon={Settings2} onClick={() => setArranging(true)} />
        }
        actions={!isEmpty && <RunButton label={words.runAnAgent} />}
      />
      <div className="grid gap-6">
        {isNew && (
          <Suspense fallback={<Skeleton className={isEmpty || isOwn ? 'h-64' : 'h-20'} />}>
            <FirstSteps isNew isShort={!isEmpty && !isOwn} />
          </Suspense>
        )}
        {!isEmpty && (
          <>
            <NeedsYou />
            <div className="grid grid-flow-row-dense items-start gap-6 lg:grid-cols-2 2xl:grid-cols-[minmax(0,5fr)_minmax(0,4fr)]">
              {shown.map((card) => (
                <div key={card} className={card === lone ? whole : widths[card]}>
                  <CardOf name={card} />
                </div>
              ))}
            </div>
            {isLater && !isNew && (
              // At the end, since it comes late: what is being read does not move.
              <Suspense>
                <FirstSteps isNew={false} />
              </Suspense>
            )}
          </>
        )}
      </div>
      {isArranging && (
        <Suspense>
          <ArrangeDialog arrangement={arrangement} onClose={() => setArranging(false)} />
        </Suspense>
      )}
    </>
  )
}

const whole = 'min-w-0 lg:col-span-full'
const half = 'min-w-0'
/** Two beside each other where both can be read. */
const widths: Record<CardName, string> = {
  actions: whole,
  recent: `${whole} 2xl:col-span-1`,
  nodes: `${whole} 2xl:col-span-1`,
  disks: half,
  changes: half,
  spending: half,
  coming: half,
  proofs: half,
}

function CardOf({ name }: { readonly name: CardName }) {
  const isLater = useLater()
  if (name === 'actions') return <QuickActions />
  if (name === 'recent') return <Recent />
  if (name === 'nodes') return <NodeGrid />
  const place = <Skeleton className="h-52" />
  return <Suspense fallback={place}>{isLater ? <MoreCard name={name} /> : place}</Suspense>
}
