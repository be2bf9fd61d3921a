import { executionId, nodeId } from '../../contract/ids.ts'
import type { Finding, Report } from '../../contract/reports.ts'

const node = nodeId.parse('nod_01kb00000000000000000000na')
const now = executionId.parse('exe_01karf94000000000000000000')
const before = executionId.parse('exe_01kaqzja000000000000000000')

const finding = (over: Partial<Finding>): Finding => ({
  key: `${over.rule}:${over.subject}`,
  rule: 'disk.full',
  severity: 'warning',
  subject: '/',
  title: '',
  evidence: {},
  fix: null,
  confidence: 'certain',
  state: 'known',
  nodeId: node,
  agentId: 'system-health',
  firstSeenAt: '2025-11-23T12:17:00.000Z',
  lastSeenAt: '2025-11-23T12:17:00.000Z',
  resolvedAt: null,
  acknowledgedAt: null,
  acknowledgedBy: null,
  executionId: now,
  ...over,
})

const disk = (mount: string, size: number, pct: number) => ({
  mount,
  fstype: 'ext4',
  size,
  used: (size * pct) / 100,
  avail: (size * (100 - pct)) / 100,
  pct,
  state: 'ok',
})

/** A report with one of everything, for tests of how reports look. */
export const sampleReport: Report = {
  executionId: now,
  agentId: 'system-health',
  agentVersion: '1.0.0',
  nodeId: node,
  nodeName: 'nas',
  createdAt: '2025-11-23T12:17:00.000Z',
  durationMs: 6_240,
  verdict: '2 things need you, worst: /var is 97 % full. Not wholly seen: auth.',
  worst: 'critical',
  findings: [
    finding({
      rule: 'disk.full',
      severity: 'critical',
      subject: '/var',
      title: '/var is 97 % full',
      state: 'new',
      evidence: { mount: '/var', used: 97_000_000_000, avail: 3_000_000_000, pct: 97 },
      fix: 'Free some space: the largest directories below /var are log and lib/docker.',
    }),
    finding({
      rule: 'svc.failed',
      severity: 'high',
      subject: 'backup.service',
      title: 'backup.service has failed',
      state: 'worse',
      evidence: {
        result: 'exit-code',
        exit_status: 7,
        tail: [
          'Nov 23 03:00:01 nas backup[811]: repository is locked',
          'Nov 23 03:00:01 nas systemd[1]: Failed.',
        ],
      },
      fix: 'Read the log with journalctl -u backup.service, then start it again.',
    }),
    finding({
      rule: 'upd.security',
      severity: 'warning',
      subject: 'apt',
      title: '4 security updates pending',
      state: 'known',
      evidence: { security: 4, upgradable: 12 },
      acknowledgedAt: '2025-11-22T09:00:00.000Z',
      acknowledgedBy: 'user:anna',
    }),
    finding({
      rule: 'ssh.password_auth',
      severity: 'info',
      subject: 'sshd',
      title: 'SSH accepts password logins',
    }),
    finding({
      rule: 'time.unsynced',
      subject: 'clock',
      title: 'The clock is not synchronised',
      state: 'better',
      executionId: before,
    }),
    finding({
      rule: 'upd.reboot',
      subject: 'kernel',
      title: 'A reboot is required',
      state: 'resolved',
      resolvedAt: '2025-11-23T12:17:00.000Z',
      executionId: before,
    }),
  ],
  gaps: [
    {
      what: 'auth',
      why: 'the log of logins cannot be read',
      remedy: 'Add the user to the group systemd-journal, or let the agent run as root.',
    },
  ],
  changes: [
    {
      path: 'ports.external.tcp/4444',
      kind: 'added',
      before: null,
      after: 'tcp/4444',
      text: 'Port tcp/4444 opened',
    },
    {
      path: 'disks./var.used',
      kind: 'changed',
      before: { used: 84_000_000_000, pct: 84 },
      after: { used: 97_000_000_000, pct: 97 },
      text: '/var grew from 84 % to 97 % (+13 GB)',
    },
    {
      path: 'disks./mnt/usb',
      kind: 'removed',
      before: {},
      after: null,
      text: '/mnt/usb is no longer mounted',
    },
  ],
  comparedWith: before,
  metrics: [
    { name: 'disk.used', value: 97, unit: '%', labels: { mount: '/var' } },
    { name: 'temperature', value: -3.5, unit: '°C', labels: {} },
  ],
  schema: 'system-health/1',
  facts: {
    host: {
      os_id: 'debian',
      os_version: '12',
      kernel: '6.1.0-31-amd64',
      arch: 'x86_64',
      uptime_s: 3_567_600,
      cpus: 4,
    },
    disks: [
      disk('/', 31_000_000_000, 41),
      disk('/var', 100_000_000_000, 97),
      disk('/srv/media', 8_000_000_000_000, 88),
    ],
    load: {
      cpu: { idle: 88, load: [0.42, 0.31, 0.28] },
      memory: { total: 16_700_000_000, available: 10_300_000_000, pct: 38 },
    },
    services: { failed: ['backup.service'], running: 42 },
    ports: { external: ['tcp/22', 'tcp/80', 'tcp/443', 'tcp/4444'] },
    updates: { upgradable: 12, security: 4, reboot: false },
  },
}
