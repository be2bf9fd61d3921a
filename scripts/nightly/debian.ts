import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The mirror and the release of Debian that this machine itself is installed from; empty where it is another system. */
export function ownMirror(): { readonly suite: string; readonly mirror: string } {
  const format = ['--format', '$(REPO_URI) $(CODENAME) $(COMPONENT)', 'Created-By: Packages']
  const told = spawnSync('apt-get', ['indextargets', ...format], { encoding: 'utf8' })
  const suite = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? ''
  const line = (told.stdout ?? '').split('\n').find((one) => one.endsWith(` ${suite} main`))
  return { suite, mirror: line?.split(' ')[0] ?? '' }
}

/** Unpacks packages of the next Debian below a folder, as its `tree`; nothing is installed. Returns why that cannot be. */
export function unpackNewer(folder: string, packages: readonly string[]): string | null {
  const { mirror } = ownMirror()
  if (mirror === '') return 'this machine has no mirror of Debian'
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg'
  const lists = join(folder, 'lists')
  mkdirSync(join(lists, 'partial'), { recursive: true })
  writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${keys}] ${mirror} trixie main\n`)
  const settings = [
    `Dir::Etc::sourcelist=${join(folder, 'sources.list')}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${lists}`,
    `Dir::Cache=${folder}`,
    'APT::Sandbox::User=root',
  ]
  const apt = ['-q', ...settings.flatMap((setting) => ['-o', setting])]
  try {
    for (const args of [['update'], ['download', ...packages]])
      execFileSync('apt-get', [...apt, ...args], { cwd: folder, stdio: 'ignore' })
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb')))
      execFileSync('dpkg', ['-x', file, 'tree'], { cwd: folder })
    return null
  } catch (error) {
    return `the packages ${packages.join(', ')} cannot be had: ${(error as Error).message.split('\n')[0]}`
  }
}
