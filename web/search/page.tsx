import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Search as SearchIcon, SearchX } from 'lucide-react'
import type { SearchKind } from '../../contract/search.ts'
import { useCan } from '../account/use-session.ts'
import { formatInstant } from '../lib/format.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Card, CardHeader, CardTitle } from '../ui/card.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { SearchInput } from '../ui/search-input.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { Hit, kindIcons } from './hit.tsx'
import { hitsQuery, shortest } from './queries.ts'

const route = getRouteApi('/inside/search')

const kinds = ['node', 'finding', 'fact', 'log', 'audit'] as const satisfies SearchKind[]

export function SearchPage() {
  const { text = '', kind } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <SearchView
      text={text}
      kind={kind}
      onChange={(changed) =>
        void navigate({ search: (before) => ({ ...before, ...changed }), replace: true })
      }
    />
  )
}

interface SearchViewProps {
  readonly text: string
  readonly kind: SearchKind | undefined
  readonly onChange: (changed: { text?: string | undefined; kind?: SearchKind | undefined }) => void
}

/** Words, wherever they stand: each kind in a card of its own, so that the quick ones do not wait for the logs. */
export function SearchView({ text, kind, onChange }: SearchViewProps) {
  const t = useMessages('search')
  const mayAudit = useCan('audit.read')
  const shown = kinds.filter((one) => one !== 'audit' || mayAudit)
  const wanted = text.trim()
  return (
    <>
      <PageHeader title={t.title} subtitle={t.subtitle} />
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <SearchInput
          value={text}
          onChange={(typed) => onChange({ text: typed || undefined })}
          label={t.field}
          placeholder={t.placeholder}
          className="w-full md:w-96"
        />
        <div role="group" aria-label={t.kindsLabel} className="flex flex-wrap gap-1">
          {[undefined, ...shown].map((one) => (
            <Button
              key={one ?? 'all'}
              size="sm"
              variant="ghost"
              aria-pressed={kind === one}
              className="aria-pressed:bg-muted aria-pressed:text-foreground"
              onClick={() => onChange({ kind: one })}
            >
              {one ? t.kinds[one] : t.all}
            </Button>
          ))}
        </div>
      </div>
      {wanted.length < shortest ? (
        <Card>
          <EmptyState icon={SearchIcon} title={t.emptyTitle} text={t.emptyText} guide="whole-house" />
        </Card>
      ) : (
        <div className="grid gap-4">
          {(kind ? [kind] : shown).map((one) => (
            <Group
              key={one}
              kind={one}
              text={wanted}
              isAlone={kind !== undefined}
              onAlone={() => onChange({ kind: one })}
            />
          ))}
        </div>
      )}
    </>
  )
}

interface GroupProps {
  readonly kind: SearchKind
  readonly text: string
  /** The only one on the page: it shows all there is. */
  readonly isAlone: boolean
  readonly onAlone: () => void
}

const fewShown = 5
const manyShown = 50

function Group({ kind, text, isAlone, onAlone }: GroupProps) {
  const t = useMessages('search')
  const list = useInfiniteQuery(hitsQuery(text, kind, isAlone ? manyShown : fewShown))
  const pages = list.data?.pages ?? []
  const hits = pages.flatMap(({ items }) => items)
  const lookedBackTo = pages.at(-1)?.lookedBackTo
  const Icon = kindIcons[kind]
  // Kinds without a hit are a line each, so that those with one are seen.
  const isBare = list.data !== undefined && hits.length === 0
  const further = (
    <Button
      size="sm"
      variant="secondary"
      aria-label={isAlone ? undefined : `${t.further}: ${t.kinds[kind]}`}
      isLoading={list.isFetchingNextPage}
      onClick={() => void list.fetchNextPage()}
    >
      {t.further}
    </Button>
  )
  return (
    <Card aria-label={t.kinds[kind]} aria-busy={list.isPlaceholderData}>
      <CardHeader
        actions={
          isBare ? (
            <p className="flex items-center gap-2 text-sm text-muted-foreground">
              <SearchX aria-hidden className="size-4 shrink-0" />
              {lookedBackTo ? t.noneSince(formatInstant(lookedBackTo)) : t.none}
              {list.hasNextPage && further}
            </p>
          ) : (
            !isAlone &&
            list.hasNextPage && (
              <Button size="sm" variant="ghost" aria-label={`${t.more}: ${t.kinds[kind]}`} onClick={onAlone}>
                {t.more}
              </Button>
            )
          )
        }
      >
        <CardTitle className="flex items-center gap-2">
          <Icon aria-hidden className="size-4 text-muted-foreground" />
          {t.kinds[kind]}
        </CardTitle>
      </CardHeader>
      {list.isPending && <SkeletonRows rows={3} />}
      {list.isError && (
        <ErrorPanel error={list.error} isCompact className="m-4 mt-0" onRetry={() => void list.refetch()} />
      )}
      {hits.length > 0 && (
        <ul className="divide-y divide-border border-t border-border">
          {hits.map((hit, place) => (
            <Hit key={place} hit={hit} typed={text} />
          ))}
        </ul>
      )}
      {isAlone && !isBare && list.hasNextPage && (
        <div className="flex flex-wrap items-center justify-center gap-3 border-t border-border px-4 py-3 text-sm text-muted-foreground">
          {lookedBackTo && <span>{t.lookedBackTo(formatInstant(lookedBackTo))}</span>}
          {further}
        </div>
      )}
    </Card>
  )
}
