import { expect, test } from 'vitest'
import type { NodeKey } from '../../../contract/keys.ts'
import { isForTheServer, lifeOf } from './life.ts'

const now = new Date('2026-06-01T12:00:00.000Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString()

test.each([
  ['a new key', daysAgo(0), 90, 'fresh'],
  ['fifteen days before', daysAgo(75), 90, 'fresh'],
  ['two weeks before', daysAgo(76), 90, 'soon'],
  ['the last day', daysAgo(89.9), 90, 'soon'],
  ['the day itself', daysAgo(90), 90, 'overdue'],
  ['long after', daysAgo(900), 90, 'overdue'],
  ['switched off', daysAgo(900), 0, 'off'],
  ['no key', null, 90, 'none'],
])('%s', (_name, since, days, standing) => {
  expect(lifeOf({ since, days }, now).standing).toBe(standing)
})

test('the due date is shown as long as there is one', () => {
  expect(lifeOf({ since: '2026-03-03T12:00:00.000Z', days: 90 }, now).dueAt).toBe('2026-06-01T12:00:00.000Z')
  expect(lifeOf({ since: daysAgo(1), days: 0 }, now).dueAt).toBeNull()
})

const key = (more: Partial<NodeKey> = {}): NodeKey => ({
  nodeId: 'nod_01jd0000000000000000000001' as NodeKey['nodeId'],
  nodeName: 'nas',
  credentialId: null,
  credentialName: null,
  isOwn: false,
  isUploaded: false,
  fingerprint: null,
  since: null,
  dueAt: null,
  standing: 'overdue',
  cannotRotate: null,
  rotation: null,
  ...more,
})
const rotation = (step: string, endedAt: string | null) => ({ step, endedAt }) as NodeKey['rotation']

test.each<[string, NodeKey, { mode?: 'remind' | 'automatic'; isPaused?: boolean }, boolean]>([
  ['what is overdue', key(), {}, true],
  ['not what is only due soon', key({ standing: 'soon' }), {}, false],
  ['nothing where a person is only reminded', key(), { mode: 'remind' }, false],
  ['nothing on a paused node', key(), { isPaused: true }, false],
  ['no password', key({ cannotRotate: 'password' }), {}, false],
  ['no key that somebody else may use', key({ isUploaded: true }), {}, false],
  ['nothing that is under way', key({ rotation: rotation('remove', null) }), {}, false],
  ['what was renewed before', key({ rotation: rotation('done', daysAgo(0)) }), {}, true],
  ['not what was undone just now', key({ rotation: rotation('undone', daysAgo(0.5)) }), {}, false],
  ['what was undone a day ago', key({ rotation: rotation('undone', daysAgo(1)) }), {}, true],
])('the server renews %s', (_name, given, { mode = 'automatic', isPaused = false }, isSo) => {
  expect(isForTheServer(given, { mode, isPaused }, now)).toBe(isSo)
})
