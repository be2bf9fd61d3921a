import type { Gap } from '../../contract/agent-protocol.ts'
import type { Collected } from './collected.ts'

/**
 * Which sections of an agent a rule looks at, by the beginning of the rule's id; the longest one that fits counts.
 * A section is named by the first word of a gap's `what` or of a progress step.
 */
const sectionsByRule: Readonly<Record<string, readonly string[]>> = {
  disk: ['disks', 'disk', 'mounts', 'filesystems'],
  'disk.fs_errors': ['fs', 'disks', 'disk', 'filesystems'],
  'disk.gone': ['smart'],
  'disk.mount_missing': ['disks', 'disk', 'mounts', 'filesystems', 'fstab'],
  mem: ['memory', 'mem', 'load'],
  'mem.oom_kill': ['memory', 'mem', 'load', 'oom', 'kernel', 'dmesg'],
  pressure: ['pressure', 'psi', 'load'],
  cpu: ['cpu', 'load'],
  proc: ['processes', 'proc', 'load'],
  svc: ['services', 'systemd'],
  hw: ['thermal', 'sensors', 'hardware'],
  time: ['time', 'clock'],
  upd: ['updates', 'packages', 'apt', 'dnf', 'apk'],
  'upd.reboot': ['reboot', 'updates'],
  net: ['network', 'ping', 'dns'],
  'net.dns': ['network', 'dns'],
  'net.port': ['ports'],
  auth: ['auth'],
  ssh: ['sshd', 'ssh'],
  sec: ['keys', 'accounts', 'users'],
  cert: ['certs', 'cert', 'certificates'],
  'upd.restart_services': ['services'],
  os: ['host', 'os'],
  'engine.old': ['images'],
  raid: ['storage', 'raid', 'md', 'mdstat', 'arrays'],
  'raid.check_old': ['checks', 'arrays'],
  zfs: ['storage', 'zfs', 'pools'],
  lvm: ['storage', 'lvm', 'thin'],
  btrfs: ['storage', 'btrfs'],
  smart: ['smart'],
  nvme: ['nvme', 'smart'],
  unraid: ['unraid'],
  space: ['space'],
  docker: ['docker', 'engine', 'containers'],
  'docker.oom_killed': ['kernel', 'dmesg'],
  'docker.log_growth': ['logs'],
  'docker.mem_near_limit': ['stats'],
  'docker.mem_oversized': ['stats'],
  'docker.cpu_throttled': ['stats'],
  'docker.dangling_images': ['space', 'images'],
  'docker.unused_images': ['space', 'images'],
  'docker.many_versions': ['space', 'images'],
  'docker.orphan_volumes': ['space', 'volumes'],
  'docker.unused_named_volumes': ['space', 'volumes'],
  'docker.build_cache': ['space'],
  backup: ['backup'],
  'backup.no_targets': ['discover'],
  compose: ['docker', 'engine', 'compose', 'containers', 'projects'],
  'img.age': ['images', 'docker'],
  'img.pulled_not_recreated': ['images'],
  img: ['registry', 'images'],
}

const beginnings = Object.keys(sectionsByRule).sort((a, b) => b.length - a.length)
const allSections = new Set(Object.values(sectionsByRule).flat())

/** The first word of what a gap or a step is about: `certs` of `certs: /etc/x.pem unreadable`. */
export const sectionOf = (what: string): string => /[\p{L}\p{N}]+/u.exec(what.toLowerCase())?.[0] ?? ''

type Sight = Pick<Collected, 'gaps' | 'sections' | 'status'>

/**
 * Whether a run looked wholly at what a rule judges. Only then does a missing finding mean that all is well there;
 * in doubt the answer is no, so that a blind eye never resolves anything.
 */
export function sawWhole({ rule, subject }: { rule: string; subject: string }, run: Sight): boolean {
  const sight = sightOf(sectionsByRule[beginningOf(rule) ?? '']?.[0] ?? '', subject, run)
  return sight !== null && sawSections(rule, sight)
}

function sightOf(section: string, subject: string, run: Sight): Sight | null {
  if (oneByOne.has(section)) return narrowedTo(subject, run)
  return section === registry ? narrowedToImage(subject, run) : run
}

/**
 * Sections whose steps name what they look at, as in `backup: /srv/backup`. A run that looks at one of them says nothing
 * about the others.
 */
const oneByOne: ReadonlySet<string> = new Set(['backup'])

/** What a run says about one thing; null when it took no step there. */
function narrowedTo(subject: string, { gaps, sections, status }: Sight): Sight | null {
  const own = [...sections].filter(([step]) => oneByOne.has(sectionOf(step)) && isPartOf(subject, step))
  if (own.length === 0) return null
  const steps = own.map(([step]) => step)
  const about = gaps.filter(
    ({ what }) =>
      !oneByOne.has(sectionOf(what)) ||
      steps.some((step) => what === step || what.startsWith(withoutEnd(step))),
  )
  return { gaps: about.filter(({ what }) => sectionOf(what) !== 'discover'), sections: new Map(own), status }
}

/** The section in which the server looks images up; its steps name them, as in `registry: nginx:1.27`. */
const registry = 'registry'

/**
 * What a run says about one image at its registry: a registry that does not answer hides its own images only. An image
 * that was not looked up is gone from the node, or left alone, if the run looked others up and saw all that run.
 */
function narrowedToImage(image: string, { gaps, sections, status }: Sight): Sight | null {
  const step = `${registry}: ${image}`
  const own = sections.get(step)
  if (own === undefined && sections.get(registry) !== 'ok') return null
  const others = [...sections].filter(([name]) => sectionOf(name) !== registry)
  return {
    gaps: gaps.filter(({ what }) => sectionOf(what) !== registry),
    sections: new Map(own === undefined ? others : [...others, [step, own]]),
    status,
  }
}

/** How many parts of a node a run looked at; looking images up is one, however many they are. */
export const countAreas = (sections: Sight['sections']): number =>
  new Set([...sections.keys()].map((step) => (sectionOf(step) === registry ? registry : step))).size

/** `/srv/b [nas]` and `/srv/b/x.tar` are parts of `backup: /srv/b`; the agent's kit cuts long steps. */
function isPartOf(subject: string, step: string): boolean {
  const name = step.slice(step.indexOf(':') + 1).trim()
  if (name.endsWith('…')) return subject.startsWith(name.slice(0, -1))
  return subject === name || subject.startsWith(`${name} [`) || subject.startsWith(`${name}/`)
}

const withoutEnd = (step: string): string => (step.endsWith('…') ? step.slice(0, -1) : `${step}:`)

function sawSections(rule: string, { gaps, sections, status }: Sight): boolean {
  if (status !== 'ok' && status !== 'partial') return false
  const names = sectionsFor(rule, sections)
  if (names === null) return gaps.length === 0
  if (gaps.some((gap) => names.includes(sectionOf(gap.what)))) return false
  const looked = [...sections].filter(([step]) => names.includes(sectionOf(step)))
  if (looked.length > 0) return looked.every(([, state]) => state === 'ok')
  // An agent that names its steps did not take this one. One that names none may have meant it by an unknown gap.
  return sections.size === 0 && gaps.every((gap) => allSections.has(sectionOf(gap.what)))
}

/** Null for a rule that belongs to no section we know: then any gap may have hidden it. */
function sectionsFor(rule: string, sections: Sight['sections']): readonly string[] | null {
  const beginning = beginningOf(rule)
  if (beginning) return sectionsByRule[beginning] ?? null
  const own = sectionOf(rule)
  return [...sections.keys()].some((step) => sectionOf(step) === own) ? [own] : null
}

const beginningOf = (rule: string): string | undefined =>
  beginnings.find((one) => rule.startsWith(one) && !/^[a-z0-9]/i.test(rule.slice(one.length)))

/** Whether a gap is about a part of the facts, e.g. `certs: /etc/x.pem` about `certs`. */
export function isAbout(gap: Gap, topLevelFact: string): boolean {
  const section = sectionOf(gap.what)
  const fact = sectionOf(topLevelFact)
  return (
    section === fact ||
    Object.values(sectionsByRule).some((names) => names.includes(section) && names.includes(fact))
  )
}
