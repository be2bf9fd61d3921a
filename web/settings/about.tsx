import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { BookOpen, FileJson } from 'lucide-react'
import type { ReactNode } from 'react'
import { basePath } from '../lib/base.ts'
import { useMessages } from '../lib/messages.ts'
import { Card } from '../ui/card.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { Logo } from '../ui/logo.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { versionQuery } from './queries.ts'

/** What this is, which version, and where its API is described. */
export function AboutSettings() {
  const t = useMessages('settings').about
  const steps = useMessages('firstSteps')
  const version = useQuery(versionQuery)
  return (
    <Card className="p-4 md:p-6">
      <div className="flex items-center gap-3">
        <Logo />
        <div>
          <h2 className="text-lg font-semibold">Claude Agent Runner Lite</h2>
          <p className="text-muted-foreground">{t.text}</p>
        </div>
      </div>
      <dl className="mt-6 max-w-2xl divide-y divide-border">
        <Line name={t.version}>
          {version.isPending && <Skeleton className="h-4 w-16" />}
          {version.isError && '–'}
          {version.data && <Copyable value={version.data.version} what={t.version} />}
        </Line>
        <Line name={t.licence}>{t.licenceText}</Line>
        <Line name={t.telemetry}>{t.telemetryText}</Line>
        <Line name={t.api}>
          <ul className="space-y-1.5">
            <li>
              <a
                href={`${basePath}/api/docs`}
                className="inline-flex items-center gap-2 underline underline-offset-3"
              >
                <BookOpen aria-hidden className="size-4" />
                {t.apiPage}
              </a>
            </li>
            <li>
              <a
                href={`${basePath}/api/v1/openapi.json`}
                className="inline-flex items-center gap-2 underline underline-offset-3"
              >
                <FileJson aria-hidden className="size-4" />
                {t.openapi}
              </a>
            </li>
          </ul>
        </Line>
        <Line name={t.guide}>{t.guideText}</Line>
        <Line name={steps.title}>
          <Link to="/first-steps" className="underline underline-offset-3">
            {steps.all}
          </Link>
        </Line>
      </dl>
    </Card>
  )
}

function Line({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="gap-4 py-3 sm:grid sm:grid-cols-[10rem_1fr]">
      <dt className="text-muted-foreground">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
