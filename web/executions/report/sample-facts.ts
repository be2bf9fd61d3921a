import type { Facts } from './json.ts'

/** Facts as System Health reports them, with a bit of everything, for tests and stories. */
export const sampleFacts: Facts = {
  host: {
    os_id: 'debian',
    os_version: '12',
    kernel: '6.1.0-31-amd64',
    arch: 'x86_64',
    uptime_s: 3_567_600,
    cpus: 4,
  },
  disks: [
    { mount: '/', fstype: 'ext4', used: 12_710_000_000, avail: 18_290_000_000, pct: 41, state: 'ok' },
    { mount: '/mnt/nfs', fstype: 'nfs4', used: null, avail: null, pct: null, state: 'hangs' },
  ],
  load: {
    cpu: { idle: 88, busy: 12, load: [0.42, 0.31, 0.28] },
    memory: { total: 16_700_000_000, available: 10_300_000_000, pct: 38, swap_total: 0, swap_used: 0 },
  },
  services: { failed: ['backup.service'], running: 42 },
  ports: { external: ['tcp/22', 'tcp/80'] },
  updates: { upgradable: 12, security: 4, reboot: true, lists_age_d: 1 },
  thermal: [
    { chip: 'nvme', label: 'Composite', c: 38.9 },
    { chip: 'coretemp', label: 'Core 0', c: 71 },
  ],
  certs: [],
}
