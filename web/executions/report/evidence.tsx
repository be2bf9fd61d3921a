import { useState } from 'react'
import { formatNumber } from '../../lib/format.ts'
import { useMessages } from '../../lib/messages.ts'
import { CodeBlock } from '../../ui/code-block.tsx'
import { flatten } from './flat-facts.ts'
import { type Facts, isRecord, number } from './json.ts'
import { toLabel, toReadable } from './readable.ts'

const figuresShown = 8
const itemsShown = 6

interface EvidenceProps {
  readonly evidence: Facts
  /** What the finding is about; it need not be said twice. */
  readonly subject: string
}

/** The numbers and texts that a rule compared, so that one can disagree. */
export function Evidence({ evidence, subject }: EvidenceProps) {
  const t = useMessages('execution').findings
  const { tail, ...rest } = evidence
  const values = Object.entries(rest).filter(
    ([name, value]) => value !== subject && !(name.endsWith('_more') && isList(rest[name.slice(0, -5)])),
  )
  const figures = values.filter(([, value]) => !isList(value)).flatMap(toFigures)
  const lists = values.filter((entry): entry is [string, readonly unknown[]] => isList(entry[1]))
  return (
    <>
      {figures.length > 0 && <Figures figures={figures} />}
      {lists.map(([name, items]) => (
        <Items key={name} name={name} items={items} leftOut={number(rest[`${name}_more`]) ?? 0} />
      ))}
      {hasTail(tail) && (
        <div>
          <p className="mb-1 text-sm text-muted-foreground">{t.tail}</p>
          <CodeBlock
            label={t.tail}
            wrap
            code={
              Array.isArray(tail) ? tail.map((line) => toReadable('tail', line)).join('\n') : String(tail)
            }
          />
        </div>
      )}
    </>
  )
}

/** Lists of things; short lists of single values read well in one line. */
const isList = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && (value.length > 3 || value.some(isRecord))

const hasTail = (tail: unknown): boolean =>
  Array.isArray(tail) ? tail.length > 0 : typeof tail === 'string' && tail !== ''

interface Figure {
  readonly label: string
  /** The name that says what the value is. */
  readonly name: string
  readonly value: unknown
}

/** A value within a value is a figure of its own: `psi some avg300`. */
const toFigures = ([name, value]: readonly [string, unknown]): Figure[] =>
  isRecord(value)
    ? flatten({ [name]: value }).map((leaf) => ({
        label: leaf.path.map(toLabel).join(' '),
        name: leaf.name,
        value: leaf.value,
      }))
    : [{ label: toLabel(name), name, value }]

function Figures({ figures }: { readonly figures: readonly Figure[] }) {
  const t = useMessages('execution').findings
  const [isAll, setAll] = useState(false)
  const shown = isAll ? figures : figures.slice(0, figuresShown)
  return (
    <div>
      <dl aria-label={t.evidence} className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
        {shown.map(({ label, name, value }) => (
          <div key={label} className="flex min-w-0 max-w-full items-baseline gap-1.5">
            <dt className="shrink-0 text-muted-foreground foreign">{label}</dt>
            <dd className="min-w-0 font-medium tabular-nums foreign">{toReadable(name, value)}</dd>
          </div>
        ))}
      </dl>
      {figures.length > figuresShown && (
        <More isAll={isAll} rest={figures.length - figuresShown} onToggle={() => setAll(!isAll)} />
      )}
    </div>
  )
}

interface ItemsProps {
  readonly name: string
  readonly items: readonly unknown[]
  /** How many more there were than a finding may carry. */
  readonly leftOut: number
}

/** A few things of a list; the rest unfolds. */
function Items({ name, items, leftOut }: ItemsProps) {
  const [isAll, setAll] = useState(false)
  const shown = isAll ? items : items.slice(0, itemsShown)
  return (
    <div className="text-sm">
      <p className="text-muted-foreground foreign">
        {toLabel(name)} <span className="tabular-nums">({formatNumber(items.length + leftOut)})</span>
      </p>
      <ul className="mt-1 grid gap-x-6 gap-y-0.5 md:grid-cols-2">
        {shown.map((item, index) => (
          <li key={index} className="min-w-0 truncate" title={toReadable(name, item)}>
            {toReadable(name, item)}
          </li>
        ))}
      </ul>
      {items.length > itemsShown && (
        <More isAll={isAll} rest={items.length - itemsShown} onToggle={() => setAll(!isAll)} />
      )}
    </div>
  )
}

interface MoreProps {
  readonly isAll: boolean
  readonly rest: number
  readonly onToggle: () => void
}

function More({ isAll, rest, onToggle }: MoreProps) {
  const t = useMessages('execution').findings
  return (
    <button
      type="button"
      aria-expanded={isAll}
      onClick={onToggle}
      className="mt-1 min-h-6 rounded-xs text-sm text-muted-foreground underline underline-offset-4 hover:text-foreground"
    >
      {isAll ? t.less : t.more(rest)}
    </button>
  )
}
