import { Link } from '@tanstack/react-router'
import { clsx } from 'clsx'
import { Check, SquareTerminal } from 'lucide-react'
import type { ReactNode } from 'react'
import { useMessages } from '../lib/messages.ts'
import { useTitle } from '../lib/title.ts'
import { Button } from '../ui/button.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { Logo } from '../ui/logo.tsx'
import { isDone, isOpen, type Standing, type Step, steps } from './steps.ts'

interface SetupFrameProps {
  /** Null when all is done. */
  readonly step: Step | null
  readonly standing: Standing
  /** What is done here in the place of the step. */
  readonly instead?: {
    readonly title: string
    readonly text: string
    readonly happens: readonly string[]
    readonly command: string
  }
  readonly children: ReactNode
}

/** The way through the set-up above, the step at hand, and beside it what happens and how to do it without a browser. */
export function SetupFrame({ step, standing, instead, children }: SetupFrameProps) {
  const t = useMessages('setup')
  useTitle(t.title)
  const about = instead ?? (step && t.about[step])
  const head = instead ?? (step && t.steps[step])
  return (
    <div className="mx-auto max-w-5xl px-4 pt-6 pb-16 md:px-6">
      <header className="flex items-center gap-3">
        <Logo />
        <h1 className="text-lg font-semibold">{t.title}</h1>
        {standing.isClaimed && (
          <Button asChild variant="ghost" size="sm" className="ms-auto">
            <Link to="/">{t.later}</Link>
          </Button>
        )}
      </header>
      <Way step={step} standing={standing} />
      <div className="mt-8 grid gap-8 lg:grid-cols-[minmax(0,1fr)_18rem]">
        <main className="min-w-0">
          {head && <h2 className="text-2xl font-semibold tracking-tight">{head.title}</h2>}
          {head && <p className="mt-1 mb-6 max-w-prose text-muted-foreground text-pretty">{head.text}</p>}
          {children}
        </main>
        {about && (
          <aside className="flex flex-col gap-5 border-t border-border pt-6 text-sm lg:border-t-0 lg:border-s lg:pt-1 lg:ps-6">
            <section>
              <h3 className="font-medium">{t.whatHappens}</h3>
              <ul className="mt-2 flex list-disc flex-col gap-1.5 ps-4 text-muted-foreground">
                {about.happens.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ul>
            </section>
            <section>
              <h3 className="flex items-center gap-2 font-medium">
                <SquareTerminal aria-hidden className="size-4" />
                {t.byCommand}
              </h3>
              <CodeBlock className="mt-2" label={t.byCommand} code={about.command} wrap />
            </section>
          </aside>
        )}
      </div>
    </div>
  )
}

function Way({ step: shown, standing }: Pick<SetupFrameProps, 'step' | 'standing'>) {
  const t = useMessages('setup')
  return (
    <nav aria-label={t.way}>
      <ol className="mt-6 flex flex-wrap gap-x-2 gap-y-1">
        {steps.map((step, at) => {
          const done = isDone(step, standing)
          const isHere = step === shown
          const label = (
            <>
              <span
                className={clsx(
                  'grid size-6 shrink-0 place-items-center rounded-full border text-xs tabular-nums',
                  done && 'border-transparent bg-status-ok/15 text-status-ok',
                  isHere && !done && 'border-transparent bg-foreground text-background',
                  !done && !isHere && 'border-input text-muted-foreground',
                )}
              >
                {done ? <Check aria-hidden className="size-3.5" /> : at + 1}
              </span>
              <span className={clsx(isHere ? 'font-medium' : 'text-muted-foreground max-sm:sr-only')}>
                {t.steps[step].name}
              </span>
              {done && <span className="sr-only">{t.done}</span>}
            </>
          )
          const look = 'flex min-h-9 items-center gap-2 rounded-md px-2'
          return (
            <li key={step} aria-current={isHere ? 'step' : undefined}>
              {isOpen(step, standing) && !isHere ? (
                <Link to="/setup" search={{ step }} className={clsx(look, 'hover:bg-muted')}>
                  {label}
                </Link>
              ) : (
                <span className={look}>{label}</span>
              )}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}
