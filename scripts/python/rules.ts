/** Ruff's name for the oldest Python an agent may meet, and the minor versions that are tried when they are here. */
export const oldestPython = 'py38'
export const pythonVersions = ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14'] as const
export const lineLength = 110

/**
 * pycodestyle, Pyflakes, import order, bugbear, security, newer syntax that 3.8 knows, annotations that 3.8 cannot
 * evaluate, comprehensions, needless code, Pylint's errors, and Ruff's own.
 */
export const selectedRules = ['E', 'W', 'F', 'I', 'B', 'S', 'UP', 'FA', 'C4', 'PIE', 'PLE', 'RUF']

/** A rule that does not hold in some places, and why. There are no `noqa` comments: exceptions are seen together here. */
export interface Exception {
  readonly rule: string
  /** Paths from the top of the repository. */
  readonly where: RegExp
  readonly why: string
}

export const exceptions: readonly Exception[] = [
  {
    rule: 'S603',
    where: /^(agents|testbed)\//,
    why: 'It doubts every call of subprocess. Without a shell and with a list of arguments is how it is meant to be.',
  },
  {
    rule: 'S607',
    where: /^(agents|testbed)\//,
    why: 'Programs lie in different places on different systems; the PATH of the node decides.',
  },
  { rule: 'S101', where: /\/(test_[^/]+|conformance)\.py$/, why: 'A test asserts.' },
  {
    rule: 'S104',
    where: /^agents\/docker-janitor\/collect_containers\.py$/,
    why: 'It is what Docker says of a port that somebody opened; nothing listens.',
  },
  { rule: 'S104', where: /\/test_[^/]+\.py$/, why: 'An address of all interfaces is what a test looks for.' },
  {
    rule: 'S311',
    where: /\/test_[^/]+\.py$/,
    why: 'Noise for a test shall be the same each time, not secret.',
  },
  {
    rule: 'UP031',
    where: /^agents\//,
    why: 'The % of old is as safe as an f-string, and shorter with several values.',
  },
  {
    rule: 'S103',
    where: /^agents\/docker-janitor\/test_[^/]+\.py$/,
    why: 'That others may enter a folder is what these tests are about.',
  },
  {
    rule: 'S103',
    where: /^agents\/update-advisor\/test_seeded_faults\.py$/,
    why: 'dpkg asks for these modes in the packages that it makes.',
  },
  {
    rule: 'S102',
    where: /^agents\/runtime\/(supervisor|agent_side|gate)\.py$/,
    why: 'Running the agent that was sent is its purpose.',
  },
  {
    rule: 'S108',
    where: /^agents\/runtime\/(supervisor|lease|sweep)\.py$/,
    why: 'The folder of a resumable run is made there with mode 0700, and refused when somebody else made it.',
  },
  {
    rule: 'S108',
    where: /^agents\/backup-validator\/scratch\.py$/,
    why: 'A private folder with a random name is made below it, never a file with a known one.',
  },
  {
    rule: 'S110',
    where: /^agents\/runtime\/(supervisor|agent_side)\.py$/,
    why: 'While the agent is being ended, nothing that fails may keep the rest from happening.',
  },
  {
    rule: 'S606',
    where: /^agents\/runtime\/gate\.py$/,
    why: 'It becomes one of two fixed programs, with words it has looked at.',
  },
  {
    rule: 'S605',
    where: /^agents\/runtime\/(kin|sweep)\.py$/,
    why: 'A fixed command without any value in it, where there is no /proc.',
  },
]
