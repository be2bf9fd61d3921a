import type { Gap } from '../../contract/agent-protocol.ts'
import type { ExecutionId } from '../../contract/ids.ts'
import type { Finding } from '../../contract/reports.ts'
import type { Collected } from './collected.ts'
import { toOneLine } from '../lib/printable.ts'
import { toCount } from './print/quantities.ts'
import { isFading, needsSomeone } from './rank.ts'
import { countAreas, sectionOf } from './sections.ts'

interface Outlook {
  /** In the order of urgency. */
  readonly findings: readonly Finding[]
  readonly gaps: readonly Gap[]
  readonly sections: Collected['sections']
  readonly status: Collected['status']
  readonly executionId: ExecutionId
}

/** What a person reads first, and often only: whether something needs them, and what. */
export function toVerdict(outlook: Outlook): string {
  return [ending(outlook.status), needs(outlook), fading(outlook), blindSpots(outlook)]
    .filter(Boolean)
    .join(' ')
}

function needs({ findings, gaps, sections, status, executionId }: Outlook): string {
  const urgent = findings.filter((finding) => needsSomeone(finding, executionId))
  const [worst] = urgent
  if (worst) {
    const title = toOneLine(worst.title, 160).replace(/[.\s]+$/, '')
    return urgent.length === 1
      ? `1 thing needs you: ${title}.`
      : `${urgent.length} things need you, worst: ${title}.`
  }
  const isWhole = gaps.length === 0 && (status === 'ok' || status === 'partial')
  const waiting = findings.filter(
    ({ state, acknowledgedAt }) => state !== 'resolved' && acknowledgedAt !== null,
  ).length
  const nothing = waiting > 0 ? `nothing new needs you (${waiting} acknowledged)` : 'nothing needs you'
  const checked = sections.size > 0 ? `${toCount(countAreas(sections), 'area')} checked, ` : ''
  if (isWhole) return `All is well: ${checked}${nothing}.`
  const sentence = `${checked}${nothing} in what could be seen.`
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}

/** Gone once, but only the second clean run in a row makes it sure. */
function fading({ findings, executionId }: Outlook): string {
  const count = findings.filter((finding) => isFading(finding, executionId)).length
  return count === 0
    ? ''
    : `${toCount(count, 'finding')} not seen again; one more run like this resolves ${count === 1 ? 'it' : 'them'}.`
}

/** Areas named before it is only counted. */
const namedAreas = 4

function blindSpots({ gaps }: Outlook): string {
  const areas = [...new Set(gaps.map((gap) => sectionOf(gap.what) || 'unnamed'))].map((area) =>
    toOneLine(area, 30),
  )
  if (areas.length === 0) return ''
  const rest = areas.length - namedAreas
  const named = areas.slice(0, namedAreas).join(', ')
  return `Not wholly seen: ${rest > 0 ? `${named} and ${rest} more` : named}.`
}

function ending(status: Collected['status']): string {
  switch (status) {
    case 'ok':
    case 'partial':
      return ''
    case 'timeout':
      return 'The agent ran out of time, so this is only part of the picture.'
    case 'cancelled':
      return 'The agent was stopped, so this is only part of the picture.'
    case 'error':
      return 'The agent failed on the way, so this is only part of the picture.'
  }
}
