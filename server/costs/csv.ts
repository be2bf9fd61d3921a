import type { NanoUsd } from '../../contract/money.ts'
import type { CallStore, StoredCall } from './store.ts'

type Exported = StoredCall & { readonly nodeName: string | null }

/** Each column with what it says of a call. */
const columns: readonly (readonly [string, (call: Exported) => string | number | null])[] = [
  ['time', ({ at }) => at],
  ['day', ({ day }) => day],
  ['id', ({ id }) => id],
  ['purpose', ({ purpose }) => purpose],
  ['state', ({ state }) => state],
  ['agent', ({ agentId }) => agentId],
  ['node', ({ nodeName, nodeId }) => nodeName ?? nodeId],
  ['execution', ({ executionId }) => executionId],
  ['driver', ({ driver }) => driver],
  ['model', ({ model }) => model],
  ['mode', ({ mode }) => mode],
  ['billing', ({ billing }) => billing],
  ['input_tokens', ({ use }) => use?.input ?? null],
  ['cache_write_5m_tokens', ({ use }) => use?.cacheWrite5m ?? null],
  ['cache_write_1h_tokens', ({ use }) => use?.cacheWrite1h ?? null],
  ['cache_read_tokens', ({ use }) => use?.cacheRead ?? null],
  ['output_tokens', ({ use }) => use?.output ?? null],
  ['thinking_tokens', ({ use }) => use?.thinking ?? null],
  ['reserved_usd', ({ reservedNanoUsd }) => toUsdText(reservedNanoUsd)],
  ['charged_usd', ({ chargedNanoUsd }) => toUsdText(chargedNanoUsd)],
  ['list_usd', ({ listNanoUsd }) => (listNanoUsd === null ? null : toUsdText(listNanoUsd))],
  ['price', ({ priceRow }) => priceRow],
  ['price_known', ({ isPriceKnown }) => (isPriceKnown ? 'yes' : 'no')],
  ['request_id', ({ requestId }) => requestId],
  ['stop_reason', ({ stopReason }) => stopReason],
]

const stride = 500

/** The calls since a day as CSV (RFC 4180), piece by piece, however many there are. */
export async function* exportCsv(
  store: CallStore,
  reader: Parameters<CallStore['after']>[0],
  fromDay: string,
): AsyncGenerator<string> {
  yield toLine(columns.map(([name]) => name))
  let after: Exported['id'] | null = null
  for (;;) {
    const page: Exported[] = await store.after(reader, { after, limit: stride, fromDay })
    yield page.map((call) => toLine(columns.map(([, valueOf]) => valueOf(call)))).join('')
    if (page.length < stride) return
    after = page.at(-1)?.id ?? null
  }
}

const toLine = (values: readonly (string | number | null)[]): string => `${values.map(toCell).join(',')}\r\n`

function toCell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  // A spreadsheet takes what begins like this for a formula; names of nodes and models are not ours.
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** An amount with all its digits, without ever being a fraction in between. */
export function toUsdText(nanoUsd: NanoUsd): string {
  const digits = String(nanoUsd).padStart(10, '0')
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`
}
