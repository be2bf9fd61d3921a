import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { Minus, Pencil, Plus } from 'lucide-react'
import { useState } from 'react'
import type { Report } from '../../../contract/reports.ts'
import { useMessages } from '../../lib/messages.ts'
import { Button } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { momentOfId } from '../moment-of-id.ts'

const icons = { added: Plus, removed: Minus, changed: Pencil } as const
const changesShown = 8

/** What is different from the run before, in the report's own words. */
export function ChangesCard({ report: { changes, comparedWith, executionId } }: { readonly report: Report }) {
  const t = useMessages('execution').changes
  const { more, less } = useMessages('execution').findings
  const [isAll, setAll] = useState(false)
  if (!changes || !comparedWith) {
    return (
      <Card id="changes" aria-label={t.title} className="scroll-mt-20 target:bg-primary/6">
        <CardHeader>
          <CardTitle>{t.title}</CardTitle>
        </CardHeader>
        <CardContent className="text-muted-foreground text-pretty">{t.first}</CardContent>
      </Card>
    )
  }
  const shown = isAll ? changes : changes.slice(0, changesShown)
  return (
    <Card id="changes" aria-label={t.title} className="scroll-mt-20 target:bg-primary/6">
      <CardHeader
        actions={
          <Button asChild size="sm" variant="ghost">
            <Link to="/compare" search={{ tab: 'executions', a: comparedWith, b: executionId }}>
              {t.sideBySide}
            </Link>
          </Button>
        }
      >
        <CardTitle>{t.title}</CardTitle>
        <p className="text-sm text-muted-foreground">
          {t.since}{' '}
          <Link
            to="/executions/$id"
            params={{ id: comparedWith }}
            className="underline underline-offset-4 hover:text-foreground"
          >
            {t.before}
          </Link>
          , <RelativeTime at={new Date(momentOfId(comparedWith)).toISOString()} />
        </p>
      </CardHeader>
      {changes.length === 0 ? (
        <CardContent className="text-muted-foreground">{t.none}</CardContent>
      ) : (
        <CardContent>
          <ul className="space-y-1.5">
            {shown.map(({ path, kind, text }) => {
              const Icon = icons[kind]
              return (
                <li key={path} className="flex gap-2.5">
                  <Icon
                    aria-hidden
                    className={clsx(
                      'mt-1 size-3.5 shrink-0 text-muted-foreground',
                      kind === 'changed' && 'size-3',
                    )}
                  />
                  <span className="min-w-0 text-pretty foreign">
                    <span className="sr-only">{t.kinds[kind]}: </span>
                    {text}
                  </span>
                </li>
              )
            })}
          </ul>
          {changes.length > changesShown && (
            <Button
              size="sm"
              variant="ghost"
              className="mt-2 -ms-2.5"
              aria-expanded={isAll}
              onClick={() => setAll(!isAll)}
            >
              {isAll ? less : more(changes.length - changesShown)}
            </Button>
          )}
        </CardContent>
      )}
    </Card>
  )
}
