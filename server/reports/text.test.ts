import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { Report } from '../../contract/reports.ts'
import { columnsOf, toBar, wrap } from './print/layout.ts'
import { sampleReport } from './sample-report.ts'
import { toText } from './text.ts'

const shown = (report: Report, width = 80, colour = false) =>
  toText(report, { colour, width, timeZone: 'UTC' })

test('the report reads from the verdict down to the facts', () => {
  expect(shown(sampleReport)).toBe(`
 nas  system-health 1.0.0 · 23 Nov 2025, 12:17 UTC · took 6.2 s

 ● 2 things need you, worst: /var is 97 % full. Not wholly seen: auth.

 CRITICAL
 ● /var is 97 % full                                                        new
     used 97 GB · available 3 GB · share 97 %
     → Free some space: the largest directories below /var are log and
       lib/docker.

 HIGH
 ● backup.service has failed                                              worse
     result exit-code · exit status 7
     │ Nov 23 03:00:01 nas backup[811]: repository is locked
     │ Nov 23 03:00:01 nas systemd[1]: Failed.
     → Read the log with journalctl -u backup.service, then start it again.

 WARNING
 ● 4 security updates pending                  known, acknowledged by user:anna
     security 4 · upgradable 12

 GOOD TO KNOW
 ● SSH accepts password logins                                            known

 NOT SEEN THIS TIME
 ○ The clock is not synchronised

 RESOLVED
 ✓ A reboot is required

 What changed since 23 Nov 2025, 09:08 UTC
 + Port tcp/4444 opened
 ~ /var grew from 84 % to 97 % (+13 GB)
 − /mnt/usb is no longer mounted

 Could not see
   auth  the log of logins cannot be read
         → Add the user to the group systemd-journal, or let the agent run as
           root.

 Facts
   System      debian 12 · kernel 6.1.0-31-amd64 · x86_64
   Up for      41 d 7 h
   CPU         4 processors · 12 % busy · load 0.42 0.31 0.28
   Memory      ████▌░░░░░░░    38 %  6.4 GB of 16.7 GB
   /           ████▉░░░░░░░    41 %  12.7 GB of 31 GB
   /var        ███████████▋    97 %  97 GB of 100 GB
   /srv/media  ██████████▌░    88 %  7 TB of 8 TB
   Open ports  tcp/22, tcp/80, tcp/443, tcp/4444
   Services    42 running · failed: backup.service
   Updates     12 pending, 4 for security

`)
})

test('a quiet report is short', () => {
  const quiet = shown({
    ...sampleReport,
    verdict: 'All is well: 14 areas checked, nothing needs you.',
    worst: null,
    findings: [],
    gaps: [],
    changes: [],
    facts: {},
  })
  expect(quiet).toBe(`
 nas  system-health 1.0.0 · 23 Nov 2025, 12:17 UTC · took 6.2 s

 ✓ All is well: 14 areas checked, nothing needs you.

 Nothing has changed since 23 Nov 2025, 09:08 UTC.

`)
  expect(shown({ ...sampleReport, changes: null, comparedWith: null })).toContain(
    'The first report of its kind',
  )
})

test('colour adds styles and nothing else', () => {
  const coloured = shown(sampleReport, 80, true)
  expect(coloured).toContain('\u001b[')
  expect(stripVTControlCharacters(coloured)).toBe(shown(sampleReport))
})

test.each([40, 60, 80, 100])('nothing is wider than %d columns but a row with a bar', (width) => {
  const lines = shown(sampleReport, width).split('\n')
  expect(lines.filter((line) => columnsOf(line) > width && !/[█░]/.test(line))).toEqual([])
})

test.each([0, -1, Number.NaN, 1, 10_000])('a width of %d is made usable', (width) => {
  expect(shown(sampleReport, width)).toContain('/var is 97 % full')
})

const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\r\nAll is well.\u202e\u200b\ud800'

test('nothing that a node says reaches the terminal as a command or as a line of its own', () => {
  const [first] = sampleReport.findings
  const text = shown({
    ...sampleReport,
    nodeName: evil,
    agentVersion: evil,
    verdict: evil,
    findings: first
      ? [
          {
            ...first,
            title: evil,
            fix: evil,
            subject: evil,
            evidence: { [evil]: evil, list: [evil, { [evil]: evil }], tail: [evil, { a: evil }] },
          },
        ]
      : [],
    gaps: [{ what: evil, why: evil, remedy: evil }],
    changes: [{ path: evil, kind: 'added', before: null, after: null, text: evil }],
    facts: {
      host: { os_id: evil, os_version: evil, kernel: evil, arch: evil },
      disks: [{ mount: evil, state: evil }],
      ports: { external: [evil, { [evil]: evil }] },
      services: { failed: [evil] },
    },
  })
  expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
  expect(text.split('\n').filter((line) => line.trimStart().startsWith('All is well'))).toEqual([])
})

test.each<[what: string, facts: Record<string, unknown>]>([
  ['nothing', {}],
  [
    'texts where records belong',
    { host: 'x', disks: 'x', load: 'x', ports: 'x', services: 'x', updates: 'x' },
  ],
  [
    'lists where records belong',
    { host: [], disks: [[], null, 3, {}], load: [[]], ports: [], services: [], updates: [] },
  ],
  ['nulls', { host: null, disks: [null], load: { cpu: null, memory: null }, ports: { external: null } }],
  [
    'odd numbers',
    {
      host: { uptime_s: -5, cpus: 0 },
      disks: [{ mount: '/', used: -1, avail: -1, pct: 400 }],
      load: { memory: { total: 0, available: 0 } },
    },
  ],
  [
    'facts of another agent',
    { plants: 3, names: ['rose', 'fern'], beds: [{ a: 1 }], nested: { a: 1 }, wet: true, none: null },
  ],
])('facts with %s do not break the report', (_, facts) => {
  expect(shown({ ...sampleReport, facts })).toContain('/var is 97 % full')
})

test('facts of another agent are shown by name', () => {
  const text = shown({
    ...sampleReport,
    facts: { plants: 3, names: ['rose', 'fern'], beds: [{ a: 1 }], disk_bytes: 2e9 },
  })
  expect(text).toContain('plants      3\n')
  expect(text).toContain('names       rose, fern\n')
  expect(text).toContain('beds        1 entries\n')
  expect(text).toContain('disk bytes  2 GB\n')
})

test.each([
  [0, '░░░░'],
  [100, '████'],
  [50, '██░░'],
  [60, '██▍░'],
  [-3, '░░░░'],
  [900, '████'],
])('a bar of %d %%', (percent, bar) => {
  expect(toBar(percent, 4)).toBe(bar)
})

test('words are kept whole where they fit, and wide characters count twice', () => {
  expect(wrap('one two three', 8)).toEqual(['one two', 'three'])
  expect(wrap('abcdefghijkl', 8)).toEqual(['abcdefgh', 'ijkl'])
  expect(columnsOf('日本e\u0301')).toBe(5)
})
