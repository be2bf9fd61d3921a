import { expect, test } from 'vitest'
import { noticeKinds } from '../../contract/notifications.ts'
import { finalStates } from '../../contract/execution-states.ts'
import { say, tongueOf } from './say.ts'
import { de } from './texts/de.ts'
import { en } from './texts/en.ts'

const english = tongueOf('en', 'Europe/Berlin')
const german = tongueOf('de', 'Europe/Berlin')
const at = '2026-11-26T06:00:00.000Z'
const budget = { limit: 'day', agentId: null, nanoUsd: 1_500_000_000 } as const

/** Each sentence with what can stand in it. */
const cases = [
  [say('finding.open-for', { hours: 5 }), 'It was open for 5 h.', 'Er war 5 Std. offen.'],
  [say('finding.open-for', { hours: 72 }), 'It was open for 3 days.', 'Er war 3 Tage offen.'],
  [
    say('schedule.not-run', { name: 'Nightly', at }),
    'Nightly did not run at 26 Nov 2026, 07:00 CET',
    'Nightly lief nicht, erwartet: 26. Nov. 2026, 07:00 MEZ',
  ],
  [say('schedule.server-off'), 'The server was off at that time.', 'Der Server war zu dieser Zeit aus.'],
  [
    say('schedule.too-old'),
    'The server was off, and it is too long ago to make up for.',
    'Der Server war aus, und zum Nachholen ist es zu lange her.',
  ],
  [
    say('schedule.too-many'),
    'More runs were missed than are made up for.',
    'Es wurden mehr Läufe verpasst, als nachgeholt werden.',
  ],
  [
    say('schedule.overlap'),
    'It waits for the run before, which has not ended.',
    'Er wartet auf den Lauf davor, der noch nicht zu Ende ist.',
  ],
  [
    say('trigger.refused', { name: 'Tidy up' }),
    'Tidy up started nothing, because it was refused',
    'Tidy up hat nichts gestartet, weil es abgelehnt wurde',
  ],
  [
    say('approval.needed', { agent: 'Docker Janitor', changes: 1, node: 'nas' }),
    'Docker Janitor proposes 1 change on nas',
    'Docker Janitor schlägt 1 Änderung auf nas vor',
  ],
  [
    say('approval.needed', { agent: 'Docker Janitor', changes: 2, node: 'nas' }),
    'Docker Janitor proposes 2 changes on nas',
    'Docker Janitor schlägt 2 Änderungen auf nas vor',
  ],
  [
    say('budget.share', { ...budget, percent: 80 }),
    '80 % of the limit of the day, $1.50, is used',
    '80 % des Limits des Tages, 1,50 $, sind verbraucht',
  ],
  [
    say('budget.share', { ...budget, limit: 'agent', agentId: 'system-health', percent: 100 }),
    'the limit of system-health, $1.50, is used up',
    'das Limit von system-health, 1,50 $, ist verbraucht',
  ],
  [
    say('budget.until', { at }),
    'No model is asked before 26 Nov 2026, 07:00 CET; executions and their findings go on.',
    'Bis 26. Nov. 2026, 07:00 MEZ wird kein Modell gefragt; Läufe und ihre Befunde gehen weiter.',
  ],
  [say('run.ended', { agent: 'hello', kind: 'lost' }), 'hello: lost', 'hello: verloren'],
  [say('backup.not-made'), 'No backup of this server was made', 'Dieser Server wurde nicht gesichert'],
  [
    say('backup.not-copied', { place: 'nas:/srv' }),
    'The backup of this server did not reach nas:/srv',
    'Die Sicherung dieses Servers kam nicht an: nas:/srv',
  ],
  [
    say('backup.not-restorable'),
    'A backup of this server could not be restored on trial',
    'Eine Sicherung dieses Servers ließ sich auf Probe nicht wiederherstellen',
  ],
  [
    say('backup.no-drill'),
    'A restore drill of this server could not be made',
    'Die Probe, ob sich dieser Server wiederherstellen lässt, war nicht möglich',
  ],
  [say('report.no-nodes'), 'no nodes yet', 'noch keine Nodes'],
  [say('report.well', { nodes: 1 }), 'all is well on your node', 'alles gut auf deinem Node'],
  [say('report.well', { nodes: 3 }), 'all is well on 3 nodes', 'alles gut auf 3 Nodes'],
  [
    say('report.wanting', { wanting: 1, nodes: 3 }),
    '1 of 3 nodes wants somebody',
    '1 von 3 Nodes braucht jemanden',
  ],
  [
    say('report.nodes', { up: 1, total: 3, down: 1, paused: 1 }),
    'Nodes: 1 of 3 up, 1 down, 1 paused',
    'Nodes: 1 von 3 erreichbar, 1 nicht erreichbar, 1 angehalten',
  ],
  [
    say('report.findings', { open: 6, critical: 1, high: 2, warning: 3, fresh: 4, recovered: 5 }),
    'Findings: 6 open (1 critical, 2 high, 3 warning); 4 new and 5 recovered since yesterday',
    'Befunde: 6 offen (1 kritisch, 2 hoch, 3 Warnung); seit gestern 4 neu und 5 behoben',
  ],
  [
    say('report.runs', { runs: 9, failed: 2 }),
    'Runs today: 9, 2 did not succeed',
    'Läufe heute: 9, davon 2 nicht erfolgreich',
  ],
  [say('report.approvals', { waiting: 2 }), 'Waiting for approval: 2', 'Warten auf Freigabe: 2'],
  [
    say('report.models', { today: 0.5, month: 12 }),
    'Models: $0.50 today, $12.00 this month',
    'Modelle: 0,50 $ heute, 12,00 $ in diesem Monat',
  ],
  [say('report.wants-somebody'), 'Wants somebody:', 'Jemanden brauchen:'],
  [
    say('report.node', { name: 'nas', health: 'findings', open: 2, worst: '/var is full' }),
    '• nas: 2 open, worst: /var is full',
    '• nas: 2 offen, am schwersten: /var is full',
  ],
  [
    say('report.node', { name: 'pi', health: 'unreachable', open: 1, worst: null }),
    '• pi: unreachable, 1 open',
    '• pi: nicht erreichbar, 1 offen',
  ],
  [say('report.more', { nodes: 4 }), '… and 4 more', '… und 4 weitere'],
  [say('test.title'), 'A test message from Carl', 'Eine Testnachricht von Carl'],
  [
    say('test.text'),
    'If you can read this, the channel works.',
    'Wenn du das lesen kannst, funktioniert der Kanal.',
  ],
] as const

test.each(cases)('%j is said in both languages', (phrase, inEnglish, inGerman) => {
  expect(english.put(phrase)).toBe(inEnglish)
  expect(german.put(phrase)).toBe(inGerman)
})

test('every sentence is in this table, and both languages have the same ones', () => {
  expect([...new Set(cases.map(([{ say: id }]) => id))].toSorted()).toEqual(
    Object.keys(en.phrases).toSorted(),
  )
  expect(Object.keys(de.phrases).toSorted()).toEqual(Object.keys(en.phrases).toSorted())
})

test.each(noticeKinds)('a line about %s begins in the language of messages', (kind) => {
  expect(english.openings[kind]).toMatch(/^[A-Z]/)
  expect(german.openings[kind]).toMatch(/^[A-ZÜ]/)
})

test('German says of every outcome that is told how the run ended', () => {
  // Of one that went well and one that was cancelled nobody says so in these words.
  const told = finalStates.filter((state) => state !== 'succeeded' && state !== 'cancelled')
  for (const kind of told) expect(german.put(say('run.ended', { agent: 'hello', kind }))).not.toContain(kind)
})

test('what a node says stays as it is, and so does what another version left', () => {
  expect(german.put('/var is 97 % full')).toBe('/var is 97 % full')
  expect(german.put({ say: 'of.tomorrow', facts: {} })).toBe('of.tomorrow')
  expect(tongueOf().openDashboard).toBe('Open the dashboard')
})
