import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { Waypoints } from 'lucide-react'
import { type CSSProperties, useEffect, useMemo, useRef, useState } from 'react'
import type { Agent } from '../../../contract/agents.ts'
import type { NodeId } from '../../../contract/ids.ts'
import type { PlacedNode } from '../../../contract/topology.ts'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { healthLooks } from '../../ui/status-badge.tsx'
import { toneText } from '../../ui/tone.ts'
import { countHealth, type Group } from './groups.ts'
import { type Box, layOut, type PlacedGroup } from './layout.ts'
import { RunMenu } from './run-menu.tsx'
import { useDrop } from './use-drop.ts'

interface PictureProps {
  readonly groups: readonly Group[]
  readonly names: ReadonlyMap<NodeId, string>
  /** Empty for those who may run nothing. */
  readonly agents: readonly Agent[]
}

const at = ({ x, y, width, height }: Box): CSSProperties => ({
  position: 'absolute',
  left: x,
  top: y,
  width,
  height,
})

/** Groups of nodes, and the ways that lead through jump hosts. Drawn as lists, so that it can be read as well as seen. */
export function Picture({ groups, names, agents }: PictureProps) {
  const t = useMessages('nodes').topology
  const frame = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    const element = frame.current
    if (!element) return
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)))
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  const picture = useMemo(
    () => (width > 0 ? layOut(groups, width, unfolded) : null),
    [groups, width, unfolded],
  )
  const fold = (key: string) =>
    setUnfolded((before) => {
      const after = new Set(before)
      if (!after.delete(key)) after.add(key)
      return after
    })
  return (
    <div
      ref={frame}
      role="group"
      aria-label={t.picture}
      // Everything in it has its place by coordinates.
      dir="ltr"
      className="relative"
      style={{ height: picture?.height ?? 320 }}
    >
      {picture && (
        <>
          {picture.groups.map((placed) => (
            <GroupBox
              key={placed.group.key}
              placed={placed}
              names={names}
              agents={agents}
              onFold={() => fold(placed.group.key)}
            />
          ))}
          <svg
            aria-hidden
            width={width}
            height={picture.height}
            className="pointer-events-none absolute inset-0 overflow-visible text-chart-1"
          >
            {picture.edges.map(({ key, path, count }) => (
              <path
                key={key}
                d={path}
                fill="none"
                stroke="currentColor"
                // Many lines are a cloud: what they lead to is to be read through it.
                strokeOpacity={picture.edges.length > 60 ? 0.2 : 0.85}
                strokeWidth={Math.min(5, 1.5 + Math.log10(count))}
              />
            ))}
          </svg>
        </>
      )}
    </div>
  )
}

interface GroupBoxProps extends Omit<PictureProps, 'groups'> {
  readonly placed: PlacedGroup
  readonly onFold: () => void
}

function GroupBox({ placed: { group, box, nodes, isFolded }, names, agents, onFold }: GroupBoxProps) {
  const t = useMessages('nodes').topology
  const words = useMessages('ui').health
  const { isOver, drop } = useDrop(group.targets, agents.length > 0)
  const name = group.name ?? t.others
  const places = new Map(nodes.map(({ id, box: place }) => [id, place]))
  const isLarge = isFolded || nodes.length > 24
  return (
    <section
      {...drop}
      aria-label={name}
      style={at(box)}
      className={clsx(
        'rounded-lg border bg-card [content-visibility:auto]',
        isOver ? 'border-primary bg-primary/6' : 'border-border',
      )}
    >
      <div className="flex h-12 items-center gap-2 pe-1 ps-3.5">
        <h3 className="truncate font-semibold foreign">{name}</h3>
        <span className="text-sm text-muted-foreground tabular-nums">{t.count(group.nodes.length)}</span>
        <span className="ms-auto flex items-center">
          {isLarge && (
            <Button
              size="sm"
              variant="ghost"
              aria-expanded={!isFolded}
              aria-label={`${isFolded ? t.unfold : t.fold}: ${name}`}
              onClick={onFold}
            >
              {isFolded ? t.unfold : t.fold}
            </Button>
          )}
          {agents.length > 0 && <RunMenu label={t.runOn(name)} agents={agents} targets={group.targets} />}
        </span>
      </div>
      {isFolded ? (
        <ul className="flex flex-wrap gap-x-4 gap-y-1 px-3.5 text-sm">
          {countHealth(group.nodes).map(({ health, count }) => {
            const { tone, Icon } = healthLooks[health]
            return (
              <li key={health} className={clsx('inline-flex items-center gap-1.5', toneText[tone])}>
                <Icon aria-hidden className="size-4" />
                <span className="tabular-nums">{formatNumber(count)}</span> {words[health]}
              </li>
            )
          })}
        </ul>
      ) : (
        <ul>
          {group.nodes.map((node) => {
            const place = places.get(node.id)
            return (
              place && (
                <li key={node.id} style={at(place)}>
                  <Chip
                    node={node}
                    via={node.jumpNodeId && (names.get(node.jumpNodeId) ?? null)}
                    agents={agents}
                  />
                </li>
              )
            )
          })}
        </ul>
      )}
    </section>
  )
}

interface ChipProps {
  readonly node: PlacedNode
  /** The jump host, by name. */
  readonly via: string | null
  readonly agents: readonly Agent[]
}

function Chip({ node: { id, name, health }, via, agents }: ChipProps) {
  const t = useMessages('nodes').topology
  const words = useMessages('ui').health
  const { isOver, drop } = useDrop([id], agents.length > 0)
  const { tone, Icon } = healthLooks[health]
  return (
    <div
      {...drop}
      className={clsx(
        'relative flex h-full items-center gap-1.5 rounded-md border ps-2.5',
        isOver ? 'border-primary bg-primary/12' : 'border-border bg-background hover:bg-muted',
      )}
    >
      <Icon aria-hidden className={clsx('size-4 shrink-0', toneText[tone])} />
      <Link
        to="/nodes/$id"
        params={{ id }}
        title={`${name}: ${words[health]}`}
        // Else a drag would take the link along.
        draggable={false}
        className="min-w-0 flex-1 truncate text-sm font-medium foreign after:absolute after:inset-0"
      >
        {name}
        <span className="sr-only">
          , {words[health]}
          {via && `, ${t.via(via)}`}
        </span>
      </Link>
      {via && <Waypoints aria-hidden className="size-3.5 shrink-0 text-muted-foreground" />}
      {agents.length > 0 && (
        <span className="relative z-1">
          <RunMenu label={t.runOn(name)} agents={agents} targets={[id]} />
        </span>
      )}
    </div>
  )
}
