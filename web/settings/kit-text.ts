import type { RecoveryKit } from '../../contract/master-key.ts'
import { formatInstant } from '../lib/format.ts'
import type { Messages } from '../lib/messages.ts'

type Words = Messages['masterKey']['sheet']

/** What a recovery kit says, line by line, for the sheet and for the file. */
export function toKitFacts({ instanceId, keyId, madeAt, key, place }: RecoveryKit, t: Words, server: string) {
  return {
    facts: [
      [t.server, server],
      [t.instance, instanceId],
      [t.keyId, keyId],
      [t.made, formatInstant(madeAt)],
      ...(key === null ? [[t.comesFrom, place]] : []),
    ] as [string, string][],
    key,
    warning: key === null ? t.warningElsewhere : t.warning,
    steps: key === null ? t.stepsElsewhere : t.steps,
  }
}

/** The file. */
export function toKitText(kit: RecoveryKit, t: Words, server: string): string {
  const { facts, key, warning, steps } = toKitFacts(kit, t, server)
  const width = Math.max(...facts.map(([name]) => name.length))
  return [
    t.title,
    '='.repeat(t.title.length),
    '',
    ...facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    '',
    ...(key === null ? [] : [`${t.masterKey}:`, key, '']),
    warning,
    '',
    `${t.restore}:`,
    ...steps.map((step, at) => `${at + 1}. ${step}`),
    '',
    t.backups,
    '',
  ].join('\n')
}

export const kitFileName = ({ keyId }: RecoveryKit): string => `carl-recovery-kit-${keyId}.txt`
