import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The mirror and the release of Debian that this machine itself is installed from; empty where it is another system. */
export function ownMirror(): { readonly suite: string; readonly mirror: string } {
  const format = ['--format', '$(REPO_URI) $(CODENAME) $(COMPONENT)', 'Created-By: Packages']
  const told = spawnSync('apt-get', ['indextargets', ...format], { encoding: 'utf8' })
  const suite = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? ''
  const line = (told.stdout ?? '').split('\n').find((one) => one.endsWith(` ${suite} main`))
  return { suite, mirror: line?.split(' ')[0] ?? '' }
}
