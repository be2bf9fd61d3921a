import { clsx } from 'clsx'
import type { ReactNode } from 'react'
import { useTitle } from '../lib/title.ts'
import { Logo } from '../ui/logo.tsx'

interface DoorFrameProps {
  readonly title: string
  readonly hint?: string | undefined
  readonly width?: 'narrow' | 'wide'
  readonly children: ReactNode
}

/** What stands before the sign-in: the mark, one thing to do, and nothing else. */
export function DoorFrame({ title, hint, width = 'narrow', children }: DoorFrameProps) {
  useTitle(title)
  return (
    <main
      className={clsx(
        'mx-auto flex min-h-dvh w-full flex-col justify-center p-6',
        width === 'wide' ? 'max-w-xl' : 'max-w-sm',
      )}
    >
      <Logo />
      <h1 className="mt-5 text-2xl font-semibold tracking-tight">{title}</h1>
      {hint && (
        <p role="status" className="mt-2 text-muted-foreground">
          {hint}
        </p>
      )}
      <div className="mt-6">{children}</div>
    </main>
  )
}
