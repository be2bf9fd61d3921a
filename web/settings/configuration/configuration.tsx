import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { type DragEvent, type FormEvent, useRef, useState } from 'react'
import type { AppliedDocument } from '../../../contract/configuration.ts'
import { api, downloadUrl } from '../../lib/api.ts'
import { useMessages } from '../../lib/messages.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Card, CardContent, CardHeader, CardTitle } from '../../ui/card.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { Textarea } from '../../ui/input.tsx'
import { tellSuccess } from '../../ui/toaster.tsx'
import { readSecrets } from './read-secrets.ts'

/** Larger is no configuration, and is not even read. */
const mostBytes = 500_000

interface Shown {
  readonly items: readonly AppliedDocument[]
  readonly isDone: boolean
}

const isChange = ({ change, problem }: AppliedDocument): boolean => change !== 'same' && problem === null

/** All that is set up, to take away as text; and a text to apply, with its difference before. */
export function ConfigurationCard() {
  const t = useMessages('configuration')
  const queries = useQueryClient()
  const file = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [lines, setLines] = useState('')
  const [shown, setShown] = useState<Shown | null>(null)
  const { secrets, wrongLine } = readSecrets(lines)
  const run = useMutation({
    mutationFn: (dryRun: boolean) => api.configuration.apply({ body: { text, dryRun, secrets } }),
    onSuccess: ({ items }, dryRun) => {
      setShown({ items, isDone: !dryRun })
      if (dryRun) return
      setLines('')
      tellSuccess(t.applied(items.filter(isChange).length))
      void queries.invalidateQueries()
    },
    onError: () => setShown(null),
  })
  const write = (next: string) => {
    setText(next)
    setShown(null)
    run.reset()
  }
  const take = async (taken: File | undefined) => {
    if (taken && taken.size <= mostBytes) write(await taken.text())
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    void take(event.dataTransfer.files[0])
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() !== '' && wrongLine === null) run.mutate(true)
  }
  const changes = shown?.items.filter(isChange).length ?? 0
  return (
    <Card>
      <CardHeader>
        <CardTitle>{t.title}</CardTitle>
        <p className="max-w-prose text-sm text-muted-foreground text-pretty">{t.text}</p>
      </CardHeader>
      <CardContent className="space-y-5 pt-1">
        <Button asChild variant="secondary">
          <a href={downloadUrl('/configuration')} download>
            <Download aria-hidden />
            {t.download}
          </a>
        </Button>
        <form
          onSubmit={submit}
          onDragOver={(event) => event.preventDefault()}
          onDrop={drop}
          className="space-y-3"
        >
          <h3 className="font-semibold">{t.apply}</h3>
          <p className="max-w-prose text-sm text-muted-foreground text-pretty">{t.applyText}</p>
          <Field label={t.document} hint={t.documentHint}>
            <Textarea
              mono
              rows={8}
              spellCheck={false}
              value={text}
              maxLength={mostBytes}
              onChange={({ target }) => write(target.value)}
            />
          </Field>
          <Field
            label={t.secrets}
            hint={t.secretsHint}
            error={wrongLine === null ? undefined : t.secretsWrong(wrongLine)}
          >
            <Textarea
              mono
              rows={2}
              spellCheck={false}
              autoComplete="off"
              value={lines}
              onChange={({ target }) => setLines(target.value)}
            />
          </Field>
          <input
            ref={file}
            type="file"
            accept=".yaml,.yml,.txt"
            hidden
            onChange={({ target }) => void take(target.files?.[0])}
          />
          <div className="flex flex-wrap gap-2">
            <Button
              type="submit"
              variant={shown && !shown.isDone && changes > 0 ? 'secondary' : 'primary'}
              disabled={text.trim() === '' || wrongLine !== null}
              isLoading={run.isPending}
            >
              {t.compare}
            </Button>
            <Button type="button" variant="secondary" onClick={() => file.current?.click()}>
              {t.chooseFile}
            </Button>
          </div>
        </form>
        {run.isError && <ErrorPanel error={run.error} isCompact />}
        {shown && <Difference {...shown} />}
        {shown && !shown.isDone && changes > 0 && (
          <Button variant="primary" isLoading={run.isPending} onClick={() => run.mutate(false)}>
            {t.confirm(changes)}
          </Button>
        )}
      </CardContent>
    </Card>
  )
}

function Difference({ items, isDone }: Shown) {
  const t = useMessages('configuration')
  const told = items.filter(
    ({ change, problem, warnings }) => change !== 'same' || problem || warnings.length > 0,
  )
  const same = items.length - told.length
  return (
    <section aria-label={isDone ? t.done : t.result} className="space-y-3">
      <h3 className="font-semibold">{isDone ? t.done : t.result}</h3>
      <ul className="space-y-3">
        {told.map((one) => (
          <li key={one.line} className="space-y-1.5">
            <Document document={one} />
          </li>
        ))}
      </ul>
      <p className="text-sm text-muted-foreground">
        {told.length === 0 ? t.nothing : same > 0 && t.same(same)}
      </p>
    </section>
  )
}

function Document({ document: one }: { readonly document: AppliedDocument }) {
  const t = useMessages('configuration')
  const { kind, name, change, differences, warnings, problem, firstPassword } = one
  return (
    <>
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone={problem ? 'fail' : change === 'new' ? 'ok' : 'wait'}>
          {problem ? t.failed : t.changes[change]}
        </Badge>
        <span className="font-medium wrap-anywhere">
          {t.kinds[kind]} {name !== null && <bdi className="foreign">{name}</bdi>}
        </span>
      </p>
      {problem && (
        <p className="text-sm text-pretty wrap-anywhere">
          <span className="foreign">{problem.detail}</span> {problem.fix}
        </p>
      )}
      {!problem && differences.length > 0 && (
        <dl className="overflow-x-auto text-sm">
          {differences.map(({ path, before, after }) => (
            <div key={path} className="flex flex-wrap gap-x-2">
              <dt className="font-mono text-muted-foreground wrap-anywhere">{path}</dt>
              <dd className="font-mono wrap-anywhere foreign">
                {change === 'changed' && <del className="text-muted-foreground">{before ?? t.none}</del>}{' '}
                <ins className="no-underline">{after ?? t.none}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {warnings.map((warning) => (
        <p key={warning} className="text-sm text-status-wait text-pretty">
          {warning}
        </p>
      ))}
      {firstPassword !== null && (
        <div className="space-y-1">
          <p className="text-sm">{t.firstPassword(name ?? '')}</p>
          <CodeBlock label={name ?? ''} code={firstPassword} />
        </div>
      )}
    </>
  )
}
