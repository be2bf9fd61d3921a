/**
 * What differs between any two runs without anything having happened: measurements, clocks, process numbers. Nobody
 * would call that a change. `*` stands for one step.
 */
const volatilePaths = [
  'host.uptime_s',
  'host.root',
  'load.cpu',
  'load.psi',
  'load.processes',
  'load.zombies',
  'load.dstate',
  'load.oom_kill',
  'load.memory.available',
  'load.memory.pct',
  'load.memory.swap_used',
  'load.memory.arc',
  'load.memory.oom_kill_since_boot',
  'memory.available',
  'memory.pct',
  'memory.swap_used',
  'services.restarts',
  'services.scanned',
  'services.hidden',
  // Said with the updates, and that an image is behind by a finding.
  'packages.pending',
  'packages.waiting',
  'packages.security',
  'images.*.state',
  'lookup',
  'services.running',
  // The set of open ports says it; the listeners behind it come and go with processes.
  'ports.listeners',
  'disks.*.avail',
  'disks.*.inodes',
  'certs.*.not_before',
  'auth',
  'thermal',
  'network.ping',
  'network.dns.*.q',
  'network.dns.*.ok',
  'storage.*.*.frag',
  // Backups come and go every day; that too few come is a finding.
  'targets.*.series',
  'targets.*.backups',
  'targets.*.newest_at',
  'targets.*.size',
  'targets.*.free',
  'targets.*.stats',
  'targets.*.checks',
  'targets.*.drill',
  // What Docker holds moves with every build and restart; that it is too much is a finding.
  'engine.disk',
  'engine.layers_size',
  'engine.model_size',
  'engine.cache_private',
  'engine.cache_shared',
  'engine.total',
  'reclaimable',
  'containers.*.started',
  'containers.*.finished',
  'containers.*.log_bytes',
  'containers.*.restarts',
  'images.*.chain',
  'volumes.*.size',
  // Said with the containers already.
  'projects',
].map((path) => path.split('.'))

/** Names that mean the same in every agent's facts. */
const volatileNames = new Set(
  (
    't now time timestamp ts date pid ppid tid uptime boot_time load loadavg psi top stats counters rss processes ' +
    'threads running zombies dstate iowait idle steal days_left skew forecast inodes_used inodes_pct age seq cursor ' +
    'rtt elapsed duration temperature sample samples'
  ).split(' '),
)
const volatilePattern =
  /_(at|ms|age|ago|pid|ts|time|rate|rtt|uptime|s|age_[dhs]|per_s)$|^(avg\d|age_|last_|rx_|tx_|read_|written_|uptime_)/

const byFirstStep = Map.groupBy(volatilePaths, ([first]) => first)
const judged = new Map<string, boolean>()

/** Whether a place among the facts is only ever a measurement of the moment. */
export function isVolatile(path: readonly string[], value: unknown): boolean {
  // At the top, `load` and `time` name whole sections.
  const isSection = path.length === 1 && typeof value === 'object'
  return (!isSection && isVolatileName(path.at(-1) ?? '')) || isListed(path)
}

function isVolatileName(name: string): boolean {
  const before = judged.get(name)
  if (before !== undefined) return before
  const is = volatileNames.has(name) || volatilePattern.test(name)
  // Names come from nodes: remember only as many as real agents have.
  if (judged.size < 5_000) judged.set(name, is)
  return is
}

function isListed(path: readonly string[]): boolean {
  const listed = byFirstStep.get(path[0] ?? '')
  if (!listed) return false
  return listed.some(
    (steps) => steps.length === path.length && steps.every((step, i) => step === '*' || step === path[i]),
  )
}
