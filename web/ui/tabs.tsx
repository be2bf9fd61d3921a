import { Tabs as Radix } from 'radix-ui'
import { type ReactNode, useEffect, useRef } from 'react'
import { clsx } from 'clsx'

export interface Tab<Key extends string> {
  readonly key: Key
  readonly label: ReactNode
  /** Small, after the label: how many there are. */
  readonly count?: number | string
}

interface TabsProps<Key extends string> {
  readonly label: string
  readonly tabs: readonly Tab<Key>[]
  readonly value: Key
  readonly onChange: (key: Key) => void
  /** `TabPanel`s, by key. */
  readonly children: ReactNode
  readonly className?: string
}

/** Views of one thing. The list scrolls sideways where it does not fit. */
export function Tabs<const Key extends string>({
  label,
  tabs,
  value,
  onChange,
  children,
  className,
}: TabsProps<Key>) {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const chosen = list.current?.querySelector<HTMLElement>('[data-state=active]')
    // Sideways only: the page itself stays where it is.
    if (list.current && chosen) {
      const [inside, around] = [chosen.getBoundingClientRect(), list.current.getBoundingClientRect()]
      if (inside.left < around.left) list.current.scrollLeft -= around.left - inside.left
      else if (inside.right > around.right) list.current.scrollLeft += inside.right - around.right
    }
  }, [value])
  return (
    <Radix.Root
      dir={document.dir === 'rtl' ? 'rtl' : 'ltr'}
      value={value}
      onValueChange={(key) => {
        const tab = tabs.find((one) => one.key === key)
        if (tab) onChange(tab.key)
      }}
      className={clsx('min-w-0', className)}
    >
      <Radix.List
        ref={list}
        aria-label={label}
        className="no-scrollbar flex gap-1 overflow-x-auto border-b border-border shadow-none"
      >
        {tabs.map(({ key, label: word, count }) => (
          <Radix.Trigger
            key={key}
            value={key}
            className={clsx(
              'relative flex h-10 shrink-0 items-center gap-2 rounded-t-md px-3 font-medium whitespace-nowrap text-muted-foreground transition-colors pointer-coarse:h-11 pointer-coarse:min-w-11',
              'hover:text-foreground focus-visible:-outline-offset-2 data-[state=active]:text-foreground',
              'after:absolute after:inset-x-2 after:bottom-0 after:h-0.5 after:rounded-full data-[state=active]:after:bg-foreground',
            )}
          >
            {word}
            {count !== undefined && (
              <span className="rounded-full bg-muted px-1.5 text-xs text-muted-foreground tabular-nums">
                {count}
              </span>
            )}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {children}
    </Radix.Root>
  )
}

interface TabPanelProps {
  readonly tab: string
  readonly className?: string
  readonly children: ReactNode
}

export function TabPanel({ tab, className, children }: TabPanelProps) {
  return (
    <Radix.Content value={tab} className={clsx('pt-4', className)}>
      {children}
    </Radix.Content>
  )
}
