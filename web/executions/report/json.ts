/** Looks into facts and evidence, of whose shape nothing is certain: a node wrote them. */
export type Facts = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Facts =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const record = (value: unknown): Facts => (isRecord(value) ? value : {})
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null
export const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null
