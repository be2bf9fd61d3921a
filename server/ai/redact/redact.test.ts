import { expect, describe, test } from 'vitest'
import { findCanaries } from '../../../testbed/canaries.ts'
import { sampleReport } from '../../../testbed/sample-report.ts'
import { createAliases } from './aliases.ts'
import { looksSecret } from './secrets.ts'
import { toSent } from './sent.ts'
import { toTemplates } from './templates.ts'

const canary = 'Xk92vQ7zLpT4mWc8'

describe('a text that may hold a secret', () => {
  test.each([
    `password=${canary}`,
    `passwd: ${canary}`,
    `"password": "${canary}"`,
    `DB_PASSWORD: ${canary}`,
    `POSTGRES_PASSWORD=${canary}`,
    `Kennwort lautet ${canary}`,
    `the token is ${canary}`,
    `Authorization: Bearer ${canary}`,
    `curl -u anna:${canary} https://nas/`,
    `curl --silent --user anna:${canary} https://nas/`,
    `mysql -u root -p${canary}`,
    `redis-cli -a ${canary}`,
    `sshpass -p ${canary} ssh nas`,
    `backup --password ${canary}`,
    `postgres://carl:${canary}@db:5432/carl`,
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl',
    'AKIAIOSFODNN7EXAMPLE',
    `ghp_${canary}${canary}`,
    `sk-ant-api03-${canary}`,
    `xoxb-${canary}`,
    `Cookie: sid=${canary}`,
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    '$6$saltsalt$3vWc8kQ9zLpT4mXk92vQ7zLpT4mWc8',
    `otpauth://totp/carl?secret=${canary}`,
    `seen ${canary}${canary} somewhere`,
  ])('is known by its look: %s', (text) => {
    expect(looksSecret(text)).toBe(true)
  })

  test.each([
    'Failed password for invalid user oracle from 203.0.113.9 port 52114 ssh2',
    'backup.service: Main process exited, code=exited, status=7/NOTRUNNING',
    'Accepted publickey for anna from 192.168.1.20 port 51000 ssh2',
    'EXT4-fs error (device sda1): ext4_lookup:1855: inode #2: comm ls',
    'Out of memory: Killed process 8123 (java) total-vm:8312332kB',
    '6.1.0-31-amd64',
    '/var/lib/docker/overlay2/l',
    'nginx/1.24.0 (Ubuntu)',
    'systemd-networkd-wait-online.service',
    'SSH accepts password logins',
  ])('is not every text: %s', (text) => {
    expect(looksSecret(text)).toBe(false)
  })
})

describe('names', () => {
  const aliases = createAliases({ hosts: ['nas'], users: ['anna'] })

  test.each([
    ['nas is up', 'HOST_1 is up'],
    ['NAS again, not nasty', 'HOST_1 again, not nasty'],
    ['login of anna', 'login of USER_1'],
    ['from 203.0.113.9 and 203.0.113.9', 'from ADDR_1 and ADDR_1'],
    ['listens on 127.0.0.1 and ::1', 'listens on 127.0.0.1 and ::1'],
    ['from fe80::1%eth0 port 22', 'from ADDR_2 port 22'],
    ['lease 52:54:00:12:34:56', 'lease ADDR_3'],
    ['cannot resolve cloud.example.org', 'cannot resolve DOMAIN_1'],
    ['backup.service reads nginx.conf', 'backup.service reads nginx.conf'],
    ['mail to ben@example.org', 'mail to USER_2'],
    ['/home/clara/notes', '/home/USER_3/notes'],
    ['Failed password for invalid user dora from', 'Failed password for invalid user USER_4 from'],
    ['at 12:30:45 it stopped', 'at 12:30:45 it stopped'],
    ['HOST_7 said so', 'label said so'],
  ])('%s is sent as %s', (text, sent) => {
    expect(aliases.hide(text)).toBe(sent)
  })

  test('come back as themselves, and an alias that nobody was given stays', () => {
    const hidden = aliases.hide('anna on nas from 203.0.113.9')
    expect(aliases.reveal(hidden)).toBe('anna on nas from 203.0.113.9')
    expect(aliases.unknownIn('HOST_1 and HOST_9')).toEqual(['HOST_9'])
    expect(aliases.reveal('HOST_9')).toBe('HOST_9')
  })
})

test('a log is sent as kinds of lines with counts', () => {
  const lines = [1, 2, 3].map(
    (n) => `Nov 23 03:00:0${n} nas sshd[81${n}]: Failed password for root from ADDR_1${n} port 5211${n} ssh2`,
  )
  const templates = toTemplates([...lines, 'Nov 23 03:00:09 nas kernel: I/O error, dev sda, sector 0x1f'])
  expect(templates).toEqual([
    { template: 'sshd[<n>]: Failed password for root from ADDR_11 port <n> ssh2', count: 1 },
    { template: 'sshd[<n>]: Failed password for root from ADDR_12 port <n> ssh2', count: 1 },
    { template: 'sshd[<n>]: Failed password for root from ADDR_13 port <n> ssh2', count: 1 },
    { template: 'kernel: I/O error, dev sda, sector <hex>', count: 1 },
  ])
  expect(toTemplates(['a 1', 'a 2', 'b'])).toEqual([
    { template: 'a <n>', count: 2 },
    { template: 'b', count: 1 },
  ])
})

describe('what is sent of a report', () => {
  const [finding] = sampleReport.findings
  if (!finding) throw new Error('the sample has findings')

  test('is named for the answer to refer to, with the name of the node as an alias', () => {
    const { untrusted, items } = toSent(sampleReport)
    const text = JSON.stringify(untrusted)
    expect(items.get('F1')).toMatchObject({ kind: 'finding', ref: 'disk.full:/var' })
    expect(items.get('D1')).toMatchObject({ kind: 'fact', ref: 'host' })
    expect(text).toContain('/var is 97 % full')
    expect(text).not.toMatch(/\bnas\b/)
    expect(text).not.toContain('Nov 23')
    expect(text).toContain('"count":1')
  })

  test('is raw log only for a node that somebody opened', () => {
    const text = JSON.stringify(toSent(sampleReport, { sendsRawLogs: true }).untrusted)
    expect(text).toContain('Nov 23 03:00:01 HOST_1 backup[811]')
  })

  test('holds no secret, wherever one stands', () => {
    const secret = `password=${canary}`
    const report = {
      ...sampleReport,
      nodeName: 'nas',
      findings: [
        {
          ...finding,
          rule: secret,
          subject: secret,
          title: secret,
          evidence: { tail: [secret, 'fine'], note: secret, [secret]: 1, deep: { deep: { note: secret } } },
        },
      ],
      changes: [{ path: secret, kind: 'added' as const, before: null, after: secret, text: secret }],
      gaps: [{ what: secret, why: secret, remedy: secret }],
      facts: {
        ...sampleReport.facts,
        services: { failed: [secret], running: 1 },
        host: { ...(sampleReport.facts['host'] as object), kernel: secret, note: canary },
        unlisted: { note: canary },
      },
    }
    const sent = toSent(report, { sendsRawLogs: true })
    expect(findCanaries(JSON.stringify(sent.untrusted), [{ name: 'canary', value: canary }])).toEqual([])
    expect(sent.withheld).toBeGreaterThan(5)
  })

  test('is nothing of the facts of an agent that nobody listed', () => {
    const { untrusted } = toSent({ ...sampleReport, schema: 'other/1' })
    expect(untrusted['facts']).toEqual([])
  })

  test('stays small and quick however large a report is', () => {
    const long = 'word '.repeat(2_000)
    const findings = Array.from({ length: 200 }, (_, index) => ({
      ...finding,
      key: `disk.full:${index}`,
      evidence: { tail: Array.from({ length: 20 }, () => long.slice(0, 200)), note: long.slice(0, 900) },
    }))
    const report = { ...sampleReport, findings }
    expect(JSON.stringify(report).length).toBeGreaterThan(900_000)
    const start = performance.now()
    const sent = toSent(report)
    // Measured at 5 ms; the bound leaves room for a busy machine.
    expect(performance.now() - start).toBeLessThan(500)
    expect(JSON.stringify(sent.untrusted).length).toBeLessThan(26_000)
  })
})
