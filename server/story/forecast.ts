import type { DiskForecast } from '../../contract/story.ts'

/** What a report of the health agent says about the future of one file system. */
export type Foreseen = Pick<DiskForecast, 'mount' | 'usedPercent' | 'fullAt' | 'confidence'>

/** Further ahead nobody plans, and no forecast holds, days. */
const horizonDays = 365

const dayMs = 86_400_000

/** File systems that will be full, by the facts of a report; what is guessed with little ground is left out. */
export function foresee(facts: Readonly<Record<string, unknown>>, at: string): Foreseen[] {
  const disks = facts['disks']
  if (!Array.isArray(disks)) return []
  return disks.flatMap((disk): Foreseen[] => {
    if (!isRecord(disk) || !isRecord(disk['forecast'])) return []
    const { mount, pct } = disk
    const { days, confidence } = disk['forecast']
    if (typeof mount !== 'string' || typeof pct !== 'number' || typeof days !== 'number') return []
    if (!(days >= 0 && days <= horizonDays)) return []
    if (confidence !== 'high' && confidence !== 'medium') return []
    return [
      { mount, usedPercent: pct, fullAt: new Date(Date.parse(at) + days * dayMs).toISOString(), confidence },
    ]
  })
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
