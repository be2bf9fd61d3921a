/** How a number in a finding's evidence tells that it grew worse or better. */
interface Gauge {
  /** Names of the number, the first that is there counts. */
  readonly fields: readonly string[]
  /** The direction that is worse. */
  readonly worse: 'up' | 'down'
  /** How much is clear: by so much, or by this factor. */
  readonly by: { readonly step: number } | { readonly factor: number }
}

const up = (by: Gauge['by'], ...fields: string[]): Gauge => ({ fields, worse: 'up', by })
const down = (by: Gauge['by'], ...fields: string[]): Gauge => ({ fields, worse: 'down', by })

/**
 * The numbers that count, by rule; a rule that is not here is judged by its severity alone. Counters that never go
 * down by themselves (errors of a disk) count from the first step, measurements only from a clear one.
 */
const gauges: Readonly<Record<string, Gauge>> = {
  'disk.full': up({ step: 3 }, 'pct'),
  'disk.inodes': up({ step: 3 }, 'pct', 'inodes_pct'),
  'disk.fill_forecast': down({ factor: 1.5 }, 'days'),
  'disk.inode_forecast': down({ factor: 1.5 }, 'days'),
  'disk.fs_errors': up({ step: 1 }, 'errors_count', 'errors'),
  'mem.low': up({ step: 2 }, 'pct'),
  'mem.oom_kill': up({ step: 1 }, 'count'),
  'cpu.steal': up({ step: 10 }, 'steal'),
  'proc.zombies': up({ factor: 2 }, 'count'),
  'svc.restart_loop': up({ factor: 2 }, 'restarts'),
  'svc.unstable': up({ factor: 2 }, 'restarts'),
  'hw.temp_high': up({ step: 5 }, 'c'),
  'hw.temp_critical': up({ step: 5 }, 'c'),
  'time.skew': up({ factor: 2 }, 'skew_s'),
  'upd.security': up({ step: 5 }, 'security'),
  'auth.bruteforce': up({ factor: 2 }, 'total'),
  'auth.success_after_failures': up({ step: 1 }, 'successes'),
  'net.packet_loss': up({ step: 20 }, 'loss_pct'),
  'net.iface_errors': up({ factor: 2 }, 'errors'),
  'raid.degraded': down({ step: 1 }, 'have'),
  'zfs.data_errors': up({ step: 1 }, 'data_errors', 'errors'),
  'zfs.device_errors': up({ step: 1 }, 'errors', 'total'),
  'btrfs.device_errors': up({ step: 1 }, 'errors', 'total'),
  'lvm.thin_full': up({ step: 3 }, 'pct', 'data_pct'),
  'smart.attr': up({ step: 1 }, 'raw', 'value'),
  'smart.crc': up({ step: 1 }, 'raw', 'value'),
  'smart.temp': up({ step: 5 }, 'c'),
  'nvme.media_errors': up({ step: 1 }, 'media_errors'),
  'nvme.wear': up({ step: 5 }, 'percentage_used'),
  'raid.mismatch': up({ step: 1 }, 'mismatch'),
  'zfs.capacity': up({ step: 3 }, 'cap'),
  'zfs.fill_forecast': down({ factor: 1.5 }, 'days'),
  'lvm.fill_forecast': down({ factor: 1.5 }, 'days'),
  'unraid.errors': up({ step: 1 }, 'errors'),
  'space.deleted_open': up({ factor: 2 }, 'bytes'),
  'docker.restart_loop': up({ factor: 2 }, 'restarts'),
  'docker.log_growth': up({ factor: 2 }, 'bytes', 'log_bytes'),
  'backup.stale': up({ factor: 2 }, 'age_h'),
}

/** Whether evidence shows the same problem clearly grown or shrunk since the run before. */
export function compareEvidence(
  rule: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): 'worse' | 'better' | 'same' {
  const gauge = Object.hasOwn(gauges, rule) ? gauges[rule] : undefined
  const field = gauge?.fields.find((name) => isFinite(before[name]) && isFinite(after[name]))
  if (!gauge || field === undefined) return 'same'
  const was = Math.abs(before[field] as number)
  const is = Math.abs(after[field] as number)
  if (!isClear(was, is, gauge.by)) return 'same'
  return is > was === (gauge.worse === 'up') ? 'worse' : 'better'
}

function isClear(was: number, is: number, by: Gauge['by']): boolean {
  if ('step' in by) return Math.abs(is - was) >= by.step
  return was !== is && Math.max(was, is) >= by.factor * Math.min(was, is)
}

const isFinite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
