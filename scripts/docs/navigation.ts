/** A page of the site: the file it is made from, by its path in the repository, or the name of what generates it. */
export interface Page {
  readonly source: string
  /** In the navigation, where the title of the page would be too long. */
  readonly short?: string
}

export interface Section {
  readonly title: string
  readonly pages: readonly Page[]
}

const guide = (name: string, short?: string): Page => ({
  source: `docs/guide/${name}.md`,
  ...(short !== undefined && { short }),
})
const made = (name: string, short: string): Page => ({ source: `docs/reference/${name}.md`, short })

/**
 * What a person comes for, in the order in which they need it. Pages whose file is not there are left out, so a guide
 * can be named before it is written; one that is named nowhere is put under the last heading of the guides.
 */
export const sections: readonly Section[] = [
  {
    title: 'Begin',
    pages: [
      guide('getting-started', 'Getting started'),
      guide('install', 'Install'),
      guide('install-docker', 'Install with Docker'),
      guide('install-npm', 'Install with npm'),
      guide('install-systemd', 'Install as a systemd unit'),
      guide('install-unraid', 'Install on Unraid'),
      guide('install-truenas', 'Install on TrueNAS'),
      guide('dashboard', 'The dashboard'),
      guide('faq', 'Questions and answers'),
    ],
  },
  {
    title: 'Nodes',
    pages: [guide('add-a-node'), guide('renew-keys', 'Renew keys'), guide('whole-house')],
  },
  {
    title: 'Run and read',
    pages: [
      guide('run-an-agent'),
      guide('read-a-report'),
      guide('schedules', 'Let it run by itself'),
      guide('triggers'),
      guide('let-claude-explain'),
      guide('what-it-costs'),
      guide('your-first-agent', 'Write an agent'),
      { source: 'agents/README.md', short: 'Agents in depth' },
    ],
  },
  {
    title: 'Look after',
    pages: [
      guide('clean-up-docker', 'Clean up Docker'),
      guide('prove-your-backups'),
      guide('know-what-to-update', 'Know what to update'),
      guide('watch-your-disks', 'Watch your disks'),
      guide('approve-changes'),
      guide('approve-from-the-phone', 'Approve from the phone'),
      guide('on-your-phone', 'On your phone'),
    ],
  },
  {
    title: 'Be told',
    pages: [guide('notifications'), guide('metrics-and-widgets')],
  },
  {
    title: 'People and proxies',
    pages: [
      guide('sign-in-safely'),
      guide('sign-in-with-your-provider', 'Your identity provider'),
      guide('tokens-and-api'),
      guide('behind-a-proxy'),
    ],
  },
  {
    title: 'Keep it',
    pages: [
      guide('backup-and-keys', 'Backups of the server'),
      guide('restore-on-a-new-box', 'Restore on a new box'),
      guide('upgrade'),
      guide('master-key', 'The master key'),
      guide('configuration'),
      guide('configuration-as-code'),
      guide('when-something-fails'),
    ],
  },
  {
    title: 'Look up',
    pages: [
      made('settings', 'Every setting'),
      made('commands', 'Every command'),
      made('api', 'The API'),
      made('errors', 'Every error'),
      made('agents', 'Every agent'),
      made('words', 'Words'),
    ],
  },
  {
    title: 'Trust',
    pages: [
      { source: 'SECURITY.md', short: 'Security' },
      guide('what-it-talks-to'),
      { source: 'docs/threat-model.md', short: 'Threat model' },
      { source: 'docs/what-is-protected-how.md', short: 'What is protected' },
      { source: 'docs/who-may-what.md', short: 'Who may what' },
    ],
  },
  {
    title: 'The project',
    pages: [
      { source: 'CHANGELOG.md', short: 'Changes' },
      { source: 'CONTRIBUTING.md', short: 'Contributing' },
      { source: 'CODE_OF_CONDUCT.md', short: 'Conduct' },
      { source: 'docs/principles.md', short: 'Principles' },
      { source: 'docs/flow.md', short: 'The life of one execution' },
      { source: 'docs/decisions/README.md', short: 'Decisions' },
      { source: 'agents/backup-validator/README.md', short: 'Backup Validator' },
    ],
  },
]

/** Guides that nobody named go here. */
const lastOfGuides = 'Keep it'

/** The navigation of what is really there. */
export function navigationOf(sources: ReadonlySet<string>): Section[] {
  const named = new Set(sections.flatMap(({ pages }) => pages.map(({ source }) => source)))
  const unnamed = [...sources]
    .filter((source) => source.startsWith('docs/guide/') && !named.has(source))
    .sort()
  return sections
    .map(({ title, pages }) => ({
      title,
      pages: [
        ...pages.filter(({ source }) => sources.has(source)),
        ...(title === lastOfGuides ? unnamed.map((source) => ({ source })) : []),
      ],
    }))
    .filter(({ pages }) => pages.length > 0)
}

/** Where a source lies on the site, without a slash in front. What lies outside of `docs/` is moved in. */
export function placeOf(source: string): string {
  if (source === 'README.md') return 'index.html'
  const inside = source.startsWith('docs/') ? source.slice('docs/'.length) : `project/${source.toLowerCase()}`
  return inside.replace(/README\.md$/i, 'index.md').replace(/\.md$/, '.html')
}
