import type { Severity } from '../../contract/agent-protocol.ts'
import type { DeliveryId } from '../../contract/ids.ts'
import type { MessageLanguage, Notice, NoticeKind } from '../../contract/notifications.ts'
import { type Tongue, tongueOf } from '../notices/say.ts'
import { severities } from '../reports/rank.ts'
import { toPlain, toPlainLines } from './plain.ts'

/** One thing in a message, harmless already: one line each, no link that a program would make. */
export interface MessageLine {
  readonly kind: NoticeKind
  readonly severity: Severity
  /** `New on nas: /var is 97 % full`. */
  readonly text: string
  /** The page that is about it. */
  readonly page: string
}

/** What goes out, before a channel puts it into its own form. */
export interface Message {
  readonly id: DeliveryId
  readonly at: string
  readonly title: string
  readonly severity: Severity
  readonly lines: readonly MessageLine[]
  /** More of a message about one thing. */
  readonly detail: readonly string[]
  /** The page that a link opens. */
  readonly page: string
  /** What it is written in; left out by versions that knew one language. */
  readonly language?: MessageLanguage
}

interface Manner {
  readonly language: MessageLanguage
  /** What times are shown in. */
  readonly zone: string
}

/** Things named in one message before the rest is counted. */
const mostLines = 20

/** Puts what happened into one message, most severe first; what came and went meanwhile is told as that. */
export function compose(
  id: DeliveryId,
  at: string,
  notices: readonly Notice[],
  { language, zone }: Manner,
): Message {
  const tongue = tongueOf(language, zone)
  const told = settleTogether(notices, tongue).toSorted(byUrgency)
  const [first] = told
  if (!first) throw new Error('a message about nothing')
  if (told.length === 1) {
    return {
      id,
      at,
      title: first.text,
      severity: first.severity,
      lines: [toLine(first)],
      detail: first.detail === null ? [] : toPlainLines(first.detail, tongue.moreLines),
      page: first.page,
      language,
    }
  }
  const nodes = new Set(notices.map(({ nodeId }) => nodeId).filter((nodeId) => nodeId !== null))
  const shown = told.slice(0, mostLines)
  const rest = told.length - shown.length
  return {
    id,
    at,
    title: tongue.things(told.length, nodes.size, toPlain(first.text, 120)),
    severity: first.severity,
    lines: shown.map(toLine),
    detail: rest > 0 ? [tongue.more(rest)] : [],
    page: nodes.size === 1 && first.page.startsWith('/nodes/') ? first.page : '/',
    language,
  }
}

type Told = MessageLine & { readonly detail: string | null; readonly at: string }

/** Without what is not harmless yet: a channel may send all of a line. */
const toLine = ({ kind, severity, text, page }: Told): MessageLine => ({ kind, severity, text, page })

/** Of several notices about one thing the last one counts; one that is over already is told as such. */
function settleTogether(notices: readonly Notice[], tongue: Tongue): Told[] {
  const byKey = Map.groupBy(notices, ({ key }) => key)
  return [...byKey.values()].map((same): Told => {
    const last = same.at(-1) as Notice
    const { kind, page, at } = last
    const worst = same.reduce((a, b) => (rankOf(b) < rankOf(a) ? b : a)).severity
    const cameAndWent = kind === 'finding.recovered' && same.length > 1
    const opening = cameAndWent ? tongue.cameAndWent : tongue.openings[kind]
    const where = last.nodeName === null ? '' : tongue.onNode(last.nodeName)
    const text = toPlain(`${opening}${where}: ${tongue.put(last.title)}`)
    const detail =
      typeof last.detail === 'object' ? (last.detail?.map(tongue.put).join('\n') ?? null) : last.detail
    return { kind, severity: cameAndWent ? last.severity : worst, text, detail, page, at }
  })
}

const rankOf = ({ severity }: { readonly severity: Severity }): number => severities.indexOf(severity)

/** Good news last, whatever it was before. */
const byUrgency = (a: Told, b: Told): number =>
  Number(isOver(a)) - Number(isOver(b)) || rankOf(a) - rankOf(b) || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)

const isOver = ({ kind }: Told): boolean => kind === 'finding.recovered' || kind === 'run.succeeded'
