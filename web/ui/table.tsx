import { clsx } from 'clsx'
import { type ComponentProps, createContext, type ReactNode, useContext } from 'react'
import { useOverflow } from './use-overflow.ts'

/** Whether rows become cards where there is little room. */
const StackContext = createContext(false)

interface TableProps extends ComponentProps<'table'> {
  /** What is listed; read aloud. */
  readonly label: string
  /**
   * Where there is little room each row becomes a card, each cell a line that begins with its `label`; `wide` for many
   * columns, which need more. Measured is the table and not the screen: it may have a rail beside it, or half a page.
   */
  readonly stack?: boolean | 'wide'
}

/**
 * A table that scrolls sideways where it must, with a shade where there is more. Roles are written out because some
 * browsers forget them when the layout of a table is changed.
 */
export function Table({ label, stack = false, className, children, ...rest }: TableProps) {
  const { ref, isOverflowing } = useOverflow<HTMLDivElement>()
  return (
    <div
      ref={ref}
      // Only what scrolls needs a stop for the arrow keys.
      {...(isOverflowing ? { tabIndex: 0, role: 'region', 'aria-label': label } : {})}
      // Clipped only, as long as it fits: a box that scrolls would keep the head from staying in view.
      className={clsx(
        'rounded-lg',
        stack && (stack === 'wide' ? '@container/wide-table' : '@container/table'),
        isOverflowing ? 'more-aside overflow-x-auto' : 'overflow-clip',
      )}
    >
      <StackContext value={stack !== false}>
        <table
          role="table"
          aria-label={label}
          {...rest}
          className={clsx('w-full border-collapse text-start', stack && 'stacked:block', className)}
        >
          {children}
        </table>
      </StackContext>
    </div>
  )
}

/** Holds one row of `Th`; stays in view below the top bar (`--top-bar`). */
export function TableHead({ children }: { readonly children: ReactNode }) {
  const stack = useContext(StackContext)
  return (
    <thead
      role="rowgroup"
      className={clsx(
        'sticky top-(--top-bar,0px) z-10 bg-card text-sm text-muted-foreground',
        stack && 'stacked:sr-only',
      )}
    >
      <tr role="row">{children}</tr>
    </thead>
  )
}

export function TableBody({ children, ...rest }: ComponentProps<'tbody'>) {
  const stack = useContext(StackContext)
  return (
    <tbody role="rowgroup" {...rest} className={clsx(stack && 'stacked:block')}>
      {children}
    </tbody>
  )
}

interface RowProps extends ComponentProps<'tr'> {
  readonly isSelected?: boolean
}

export function Row({ isSelected = false, className, ...rest }: RowProps) {
  const stack = useContext(StackContext)
  return (
    <tr
      role="row"
      aria-selected={isSelected || undefined}
      {...rest}
      className={clsx(
        'border-t border-border transition-colors hover:bg-muted/60',
        isSelected && 'bg-muted',
        stack && 'stacked:block stacked:px-4 stacked:py-2.5 stacked:first:border-t-0',
        className,
      )}
    />
  )
}

interface CellProps extends ComponentProps<'td'> {
  readonly align?: 'left' | 'right'
}

export function Th({ align = 'left', className, ...rest }: CellProps & ComponentProps<'th'>) {
  return (
    <th
      role="columnheader"
      scope="col"
      {...rest}
      className={clsx(
        'h-(--row) px-(--cell) font-medium whitespace-nowrap first:ps-4 last:pe-4',
        align === 'right' && 'text-end',
        className,
      )}
    />
  )
}

interface TdProps extends CellProps {
  /** Before the value where rows are cards; without one the cell has a line of its own, as a headline has. */
  readonly label?: string
}

export function Td({ align = 'left', label, className, children, ...rest }: TdProps) {
  const stack = useContext(StackContext)
  return (
    <td
      role="cell"
      {...rest}
      className={clsx(
        'h-(--row) px-(--cell) first:ps-4 last:pe-4',
        align === 'right' && 'text-end whitespace-nowrap tabular-nums',
        stack &&
          'stacked:flex stacked:h-auto stacked:min-h-7 stacked:items-center stacked:justify-between stacked:gap-4 stacked:px-0!',
        stack && label && 'stacked:text-end',
        className,
      )}
    >
      {stack && label && <span className="hidden text-sm text-muted-foreground stacked:inline">{label}</span>}
      {children}
    </td>
  )
}
