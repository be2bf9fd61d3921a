import { createHash } from 'node:crypto'
import { asRoot, finderCommand } from './finder.ts'
import { gateProgram, pythonQuestion, supervisor, sweeper } from './node-programs.ts'
import { probeScript } from './probe.ts'

/** Code that may be started on a node, by the SHA-256 of the bytes that travel. */
export interface AllowedBundle {
  readonly sha256: string
  readonly name: string
}

/** Where the gate of a user lies on a node. Everything in it belongs to root. */
export const gateFolder = (username: string): string => `/usr/local/lib/carl/${username}`

/** What sshd starts in place of whatever we ask for. */
export const gateCommand = (username: string): string => `${gateFolder(username)}/gate`

const sha256 = (octets: Buffer | string): string => createHash('sha256').update(octets).digest('hex')

/** A program without its length, as the gate reads it. */
const sumOf = (program: Buffer): string => sha256(program.subarray(program.indexOf('\n') + 1))

/** The ways we ask for something, without the id of a run and the path of a Python: these two may differ. */
const start = finderCommand('x', null).replace('CARL_RUN_ID=x;', 'CARL_RUN_ID=;')
const forms = {
  start,
  root: asRoot(start, false),
  'root-asked': asRoot(start, true),
  'root-check': asRoot('true', false),
  'root-check-asked': asRoot('true', true),
}

/** What every node has to let through, whatever agents it is granted. */
const programs = {
  supervisor: sumOf(supervisor.plain),
  'supervisor-resumable': sumOf(supervisor.resumable),
  listener: sumOf(supervisor.listener),
  doctor: sumOf(pythonQuestion),
  'look-around': sha256(probeScript),
}

/** The list beside the gate: a line for each thing it lets through. */
export function allowList(bundles: readonly AllowedBundle[]): string {
  const lines = [
    ...Object.entries(forms).map(([name, command]) => `form ${sha256(`exec ${command}`)} ${name}`),
    ...Object.entries(programs).map(([name, sum]) => `program ${sum} ${name}`),
    `bundle ${sweeper.sha256} sweep`,
    ...bundles.map(({ sha256: sum, name }) => `bundle ${sum} ${name}`),
  ]
  return `${lines.join('\n')}\n`
}

/** What the list of a node says about this server's own programs, and about agents. */
export function readAllowList(lines: readonly string[]): { startsUs: boolean; bundles: AllowedBundle[] } {
  const entries = lines.flatMap((line) => {
    const found = /^(?<kind>form|program|bundle) (?<sum>[0-9a-f]{64}) (?<name>[\w. -]{1,120})$/.exec(line)
    const { kind, sum, name } = found?.groups ?? {}
    return kind && sum && name ? [{ kind, sha256: sum, name }] : []
  })
  const sums = new Set(entries.map((entry) => entry.sha256))
  return {
    startsUs: Object.values(programs).every((sum) => sums.has(sum)) && sums.has(sweeper.sha256),
    bundles: entries
      .filter(({ kind, name }) => kind === 'bundle' && name !== 'sweep')
      .map(({ sha256: sum, name }) => ({ sha256: sum, name })),
  }
}

/**
 * What sshd starts, but for its last line, which names the Python of the node. The id of a run has to be in the
 * environment from the start: by it a run is found among the processes of the node.
 */
export const gateHead = `#!/bin/sh
# Started by sshd for the key of Carl, whatever is asked for. What is let through: see gate.py and allowed.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin:/usr/pkg/bin:/run/current-system/sw/bin
export PATH
case $SSH_ORIGINAL_COMMAND in
*CARL_RUN_ID=*) run=\${SSH_ORIGINAL_COMMAND#*CARL_RUN_ID=}; CARL_RUN_ID=\${run%%;*}; export CARL_RUN_ID ;;
esac
`

export { gateProgram }
