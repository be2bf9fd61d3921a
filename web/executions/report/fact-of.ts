import type { Facts } from './json.ts'

/** Which part of the facts rules look at, by the first word of their id; others are named like their part. */
const parts = new Map<string, readonly string[]>([
  ['disk', ['disks', 'smart']],
  ['mem', ['load']],
  ['pressure', ['load']],
  ['cpu', ['load']],
  ['proc', ['load']],
  ['svc', ['services']],
  ['hw', ['thermal']],
  ['upd', ['updates']],
  ['net', ['network', 'ports']],
  ['auth', ['auth']],
  ['ssh', ['sshd']],
  ['sec', ['keys']],
  ['cert', ['certs']],
  ['os', ['host']],
  ['raid', ['storage', 'md']],
  ['zfs', ['storage']],
  ['lvm', ['storage']],
  ['nvme', ['smart']],
])

/** The part of the facts that a finding was made from, as far as it can be told; null when there is none. */
export function factOf(rule: string, facts: Facts): string | null {
  const word = rule.split('.')[0] ?? ''
  return [...(parts.get(word) ?? []), word, `${word}s`].find((part) => Object.hasOwn(facts, part)) ?? null
}
