import type { AgentManifest } from './agent-manifest.ts'

/** Where Debian, Fedora, Arch and their like keep what agents ask for. Everything else is looked for in /usr/bin. */
const folders: Readonly<Record<string, string>> = {
  sshd: '/usr/sbin',
  lvs: '/usr/sbin',
  vgs: '/usr/sbin',
  pvs: '/usr/sbin',
  smartctl: '/usr/sbin',
  zpool: '/usr/sbin',
  zfs: '/usr/sbin',
  nvme: '/usr/sbin',
}

const pathOf = (program: string): string =>
  program.startsWith('/') ? program : `${folders[program] ?? '/usr/bin'}/${program}`

/** In a sudoers file these mean something, and an argument means itself. */
const escape = (argument: string): string => argument.replace(/[\\,:=*?[\]!# ]/g, '\\$&')

const toAlias = (name: string): string => name.toUpperCase().replaceAll('-', '_')

/** No program has such a name, and in a file they would begin another rule. */
const isWritable = (argv: readonly string[]): boolean =>
  argv.every((argument) => /^[\x20-\x7e]*$/.test(argument)) && /^[\w./+-]+$/.test(argv[0] ?? '')

/**
 * The sudoers file that allows one user exactly the commands of a manifest, with exactly their arguments. Empty when
 * there are none. Commands that cannot be written down safely are left out.
 */
export function toSudoers(agentId: string, sudo: AgentManifest['sudo'], username = 'carl'): string {
  const commands = sudo.filter(({ argv }) => isWritable(argv))
  if (commands.length === 0) return ''
  // The rules of all users are read as one text, in which a name may be given once.
  const owner = username === 'carl' ? 'CARL' : `CARL_${toAlias(username)}`
  const alias = `${owner}_${toAlias(agentId)}`
  const lines = commands.map(({ argv: [program = '', ...rest] }) => {
    // Without arguments a command is allowed with any; the empty text says none.
    const given = rest.length > 0 ? rest.map(escape).join(' ') : '""'
    return `  ${pathOf(program)} ${given}`
  })
  return [
    `Cmnd_Alias ${alias} = \\`,
    lines.join(', \\\n'),
    `${username} ALL=(root) NOPASSWD: ${alias}`,
    '',
  ].join('\n')
}
