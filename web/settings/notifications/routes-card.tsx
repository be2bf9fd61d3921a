import { Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Severity } from '../../../contract/agent-protocol.ts'
import type { Channel, NoticeKind, NotificationRoute } from '../../../contract/notifications.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button, IconButton } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { Field } from '../../ui/field.tsx'
import { Input } from '../../ui/input.tsx'
import { Select } from '../../ui/select.tsx'
import { listOf } from './channel-fields.ts'

interface RoutesCardProps {
  readonly routes: readonly NotificationRoute[]
  readonly channels: readonly Channel[]
  readonly mayChange: boolean
  readonly onChange: (routes: NotificationRoute[]) => void
}

/** Of the morning report the times say where it goes. */
const kindsToChoose = [
  'finding.new',
  'finding.worse',
  'finding.recovered',
  'run.failed',
  'schedule.overdue',
  'approval.needed',
  'budget.reached',
  'trigger.refused',
  'backup.failed',
  'run.started',
  'run.succeeded',
] as const satisfies readonly NoticeKind[]
const severities = ['critical', 'high', 'warning', 'info'] as const satisfies readonly Severity[]

/** Which events go to which channels. */
export function RoutesCard({ routes, channels, mayChange, onChange }: RoutesCardProps) {
  const t = useMessages('notifications')
  const [open, setOpen] = useState<number | null>(null)
  const put = (at: number, part: Partial<NotificationRoute>) =>
    onChange(routes.map((route, index) => (index === at ? { ...route, ...part } : route)))
  const add = () => {
    const [first] = channels
    onChange([
      ...routes,
      {
        kinds: ['finding.new', 'finding.worse'],
        least: 'warning',
        targets: [],
        agents: [],
        channelIds: first ? [first.id] : [],
      },
    ])
    setOpen(routes.length)
  }
  return (
    <Card>
      <CardHeader
        actions={
          mayChange && (
            <Button size="sm" variant="secondary" disabled={channels.length === 0} onClick={add}>
              <Plus aria-hidden />
              {t.addRoute}
            </Button>
          )
        }
      >
        <CardTitle>{t.routes}</CardTitle>
        <p className="text-sm text-muted-foreground">{t.routesText}</p>
      </CardHeader>
      <CardContent className="pt-1">
        {routes.length === 0 && <p className="text-muted-foreground">{t.noRoutes}</p>}
        <ul className="divide-y divide-border">
          {routes.map((route, at) => (
            // Routes have no name of their own; their place is what they are known by.
            // biome-ignore lint/suspicious/noArrayIndexKey: nothing is moved in this list
            <li key={at} className="py-3 first:pt-0 last:pb-0">
              <div className="flex items-start justify-between gap-3">
                <RouteLine route={route} channels={channels} />
                {mayChange && (
                  <span className="flex shrink-0">
                    <IconButton
                      icon={Pencil}
                      label={t.editRoute(at + 1)}
                      aria-expanded={open === at}
                      onClick={() => setOpen(open === at ? null : at)}
                    />
                    <IconButton
                      icon={Trash2}
                      label={t.removeRoute(at + 1)}
                      onClick={() => {
                        setOpen(null)
                        onChange(routes.filter((_, index) => index !== at))
                      }}
                    />
                  </span>
                )}
              </div>
              {open === at && (
                <RouteFields route={route} channels={channels} onChange={(part) => put(at, part)} />
              )}
            </li>
          ))}
        </ul>
      </CardContent>
    </Card>
  )
}

function RouteLine({
  route,
  channels,
}: {
  readonly route: NotificationRoute
  readonly channels: readonly Channel[]
}) {
  const t = useMessages('notifications')
  const { kinds, least, targets, channelIds } = route
  return (
    <div className="min-w-0 space-y-1">
      <p className="text-pretty">{kinds.map((kind) => t.kindsOf[kind]).join(', ') || '–'}</p>
      <p className="flex flex-wrap items-center gap-1.5 text-sm text-muted-foreground">
        {t.least}: {t.severities[least]} · <span className="foreign">{targets.join(', ') || t.allNodes}</span>{' '}
        · {t.to}
        {channelIds.map((id) => (
          <Badge key={id}>
            <span className="foreign">{channels.find((one) => one.id === id)?.name ?? id}</span>
          </Badge>
        ))}
      </p>
    </div>
  )
}

interface RouteFieldsProps {
  readonly route: NotificationRoute
  readonly channels: readonly Channel[]
  readonly onChange: (part: Partial<NotificationRoute>) => void
}

function RouteFields({ route, channels, onChange }: RouteFieldsProps) {
  const t = useMessages('notifications')
  const { kinds, least, targets, channelIds } = route
  const [draft, setDraft] = useState(targets.join(', '))
  return (
    <div className="mt-3 grid gap-5 rounded-md border border-border bg-muted/40 p-4 md:grid-cols-2">
      <fieldset className="min-w-0 space-y-3 md:col-span-2">
        <legend className="mb-1.5 font-medium">{t.events}</legend>
        <div className="grid gap-3 sm:grid-cols-2">
          {kindsToChoose.map((kind) => (
            <Checkbox
              key={kind}
              label={t.kindsOf[kind]}
              checked={kinds.includes(kind)}
              onChange={({ target }) => onChange({ kinds: toggled(kinds, kind, target.checked) })}
            />
          ))}
        </div>
      </fieldset>
      <Field label={t.least}>
        <Select value={least} onChange={({ target }) => onChange({ least: target.value as Severity })}>
          {severities.map((severity) => (
            <option key={severity} value={severity}>
              {t.severities[severity]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t.targets} hint={t.targetsHint}>
        <Input
          mono
          spellCheck={false}
          value={draft}
          onChange={({ target }) => {
            setDraft(target.value)
            onChange({ targets: listOf(target.value) })
          }}
        />
      </Field>
      <fieldset className="min-w-0 space-y-3 md:col-span-2">
        <legend className="mb-1.5 font-medium">{t.channels}</legend>
        <ChannelBoxes
          channels={channels}
          chosen={channelIds}
          onChange={(ids) => onChange({ channelIds: ids })}
        />
      </fieldset>
    </div>
  )
}

interface ChannelBoxesProps {
  readonly channels: readonly Channel[]
  readonly chosen: readonly Channel['id'][]
  readonly onChange: (ids: Channel['id'][]) => void
}

/** Channels to tick. */
export const ChannelBoxes = ({ channels, chosen, onChange }: ChannelBoxesProps) => (
  <div className="grid gap-3 sm:grid-cols-2">
    {channels.map(({ id, name }) => (
      <Checkbox
        key={id}
        label={name}
        checked={chosen.includes(id)}
        onChange={({ target }) => onChange(toggled(chosen, id, target.checked))}
      />
    ))}
  </div>
)

function toggled<Item>(items: readonly Item[], item: Item, isIn: boolean): Item[] {
  const others = items.filter((one) => one !== item)
  return isIn ? [...others, item] : others
}
