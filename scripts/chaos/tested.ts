/** A fault that a test does already. */
export interface Tested {
  readonly what: string
  readonly files: readonly string[]
}

/** Faults that `npm test`, `npm run nightly` and `npm run bench` have already, and where. */
export const tested: readonly Tested[] = [
  {
    what: 'kill -9 before and after each step of a run, of a schedule, a trigger, a message and a renewal of keys',
    files: [
      'server/main-crash.test.ts',
      'server/main-schedules-crash.test.ts',
      'server/main-triggers-crash.test.ts',
      'server/main-notifications-crash.test.ts',
      'server/main-keys-crash.test.ts',
    ],
  },
  {
    what: 'kill -9 at each step of an upgrade, from every release; an older version on a newer database',
    files: ['server/db/upgrade.test.ts'],
  },
  { what: 'a node that reboots during a run', files: ['server/main-faults.test.ts'] },
  {
    what: 'a full disk of the server, and a full place of runs on a node',
    files: ['server/main-faults.test.ts', 'server/db/disk-guard.test.ts', 'server/ssh/launch-node.test.ts'],
  },
  {
    what: 'a database cut, emptied, overwritten or removed; a write-ahead log removed',
    files: ['server/db/open.test.ts'],
  },
  {
    what: 'a backup that is damaged, cut or of another key; a restore killed at any step; a new box',
    files: ['server/backups/archive.test.ts', 'server/main-backups.test.ts'],
  },
  {
    what: 'two servers on one folder, also two containers on one volume',
    files: ['server/main-crash.test.ts', 'server/db/open.test.ts', 'testbed/image-drill.ts'],
  },
  {
    what: 'the wall clock set forth and back while the server runs',
    files: ['server/schedules/timekeeper.test.ts', 'server/schedules/schedules.test.ts'],
  },
  {
    what: 'changes of the clock in every zone, against an oracle that goes minute by minute',
    files: ['contract/occurrences.test.ts', 'scripts/nightly/zones.ts'],
  },
  { what: 'a server that is off for three days', files: ['server/main-schedules-crash.test.ts'] },
  {
    what: 'a link that is reset, or goes silent',
    files: ['server/main.test.ts', 'server/main-faults.test.ts', 'server/ssh/launch-resume.test.ts'],
  },
  {
    what: 'an SSH server that refuses, is full, slow, or is none',
    files: ['server/ssh/builtin.test.ts', 'server/ssh/doctor.test.ts'],
  },
  {
    what: 'nodes without Python, with an old one, with other shells, noexec and noisy logins',
    files: ['server/ssh/launch-node.test.ts', 'server/ssh/doctor.test.ts', 'testbed/containers.test.ts'],
  },
  {
    what: 'a gigabyte of output, endless lines, what is no text',
    files: ['server/ssh/launch-output.test.ts', 'server/executions/log-full.test.ts'],
  },
  { what: 'clients that do not read', files: ['server/live.test.ts'] },
  {
    what: 'a proxy that cuts quiet sockets',
    files: ['e2e/log.test.ts', 'testbed/nginx.ts', 'scripts/nightly/proxies.ts'],
  },
  {
    what: 'a model that is overloaded, slow, wrong, or answers nonsense',
    files: [
      'server/ai/drivers/anthropic.test.ts',
      'server/ai/drivers/openai-compatible.test.ts',
      'server/ai/ask.test.ts',
      'server/ai/explain/hostile.test.ts',
    ],
  },
  {
    what: 'a crash between a call of a model and its booking, and a race for the last of a budget',
    files: [
      'server/main-explanation.test.ts',
      'server/costs/ledger-processes.test.ts',
      'server/costs/ledger.test.ts',
    ],
  },
  {
    what: 'many who decide at once, too late, or about what changed',
    files: ['server/approvals/approvals.test.ts', 'server/approvals/apply.test.ts'],
  },
  {
    what: 'a target of messages that is down',
    files: ['server/notifications/notifications.test.ts', 'server/main-notifications.test.ts'],
  },
  {
    what: 'an agent that forges the end of its run, ignores every signal, or floods',
    files: ['server/main.test.ts', 'server/ssh/launch-ending.test.ts'],
  },
  { what: 'an identity provider that is down', files: ['server/auth/single-sign-on/single-sign-on.test.ts'] },
  {
    what: 'many nodes, runs and lines of log',
    files: ['bench/run.ts'],
  },
]

/** What the reliability promise names and nothing breaks yet, with the reason. */
export const untried: readonly { readonly what: string; readonly why: string }[] = [
  {
    what: 'five thousand schedules at midnight',
    why: 'it is a question of speed, for the benchmarks; nothing is lost by being late',
  },
  { what: 'a thread that is blocked', why: 'the server has no watchdog that could notice it' },
  {
    what: 'a single bit flipped within a value',
    why: 'SQLite keeps no checksum of its pages; only the audit trail would show it',
  },
  {
    what: 'writes torn by a disk that lies about them',
    why: 'it takes a file system made for that, such as LazyFS',
  },
  {
    what: 'a wall clock that is set under the built server',
    why: 'it takes a virtual machine or libfaketime; tests set it with a clock of their own',
  },
]
