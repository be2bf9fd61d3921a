import { join } from 'node:path'
import * as z from 'zod'
import type { AgentManifest } from '../../../contract/agent-manifest.ts'
import { type AgentConfig, type AgentMessage, agentMessage } from '../../../contract/agent-protocol.ts'
import { toOneLine } from '../../lib/printable.ts'
import { createOptionsCheck } from '../manifest.ts'
import { runPython } from './python.ts'
import type { Sample } from './sample.ts'

/** What a run on a sample came to. */
export interface SampleRun {
  readonly messages: AgentMessage[]
  readonly durationMs: number
  /** What differs from what the sample expects, and what the server would not take; empty when all is as it should be. */
  readonly wrong: string[]
}

interface TrySample {
  readonly folder: string
  readonly kitFolder: string
  readonly python: string
  readonly manifest: AgentManifest
  readonly sample: Sample
  /** Unix seconds that the run is told. */
  readonly sentAt: number
}

const ranShape = z.object({ events: z.array(z.unknown()), code: z.number(), err: z.string() })

/** Runs an agent on what a sample recorded, in a process of its own that starts no command and reaches no node. */
export async function trySample(given: TrySample): Promise<SampleRun> {
  const { folder, kitFolder, python, manifest, sample, sentAt } = given
  const config: AgentConfig = {
    run: {
      id: 'sample',
      mode: sample.mode,
      dryRun: true,
      timeoutS: manifest.timeoutS.default,
      sentAt,
      elevation: 'none',
    },
    node: { id: 'sample', name: 'sample' },
    options: createOptionsCheck(manifest)(sample.options),
    history: sample.history,
    secrets: {},
  }
  const ran = await runPython(
    python,
    ['-I', '-B', '-c', starts, kitFolder, join(kitFolder, 'samples.py'), folder],
    {
      stdin: JSON.stringify({ config, files: sample.files, commands: sample.commands }),
      timeoutMs: (manifest.timeoutS.default + 30) * 1_000,
    },
  )
  const told = parseRan(ran.out)
  if (told === null) {
    return {
      messages: [],
      durationMs: 0,
      wrong: [`It did not run: ${toOneLine(ran.err.trim().split('\n').at(-1) ?? '')}`],
    }
  }
  const wrong: string[] = []
  const messages: AgentMessage[] = []
  for (const event of told.events) {
    const parsed = agentMessage.safeParse(event)
    if (parsed.success) messages.push(parsed.data)
    else {
      const [issue] = parsed.error.issues
      wrong.push(
        `The server would not take this: ${toOneLine(JSON.stringify(event), 120)} (${issue?.path.join('.')}: ${issue?.message})`,
      )
    }
  }
  if (told.err.trim() !== '') wrong.push(`It wrote to standard error: ${toOneLine(told.err, 400)}`)
  const result = messages.findLast((message) => message.kind === 'result')
  if (!result) wrong.push(`It ended without a result, with exit status ${told.code}.`)
  else if (result.status === 'error' || result.status === 'timeout')
    wrong.push(`It ended as ${result.status}: ${toOneLine(result.reason ?? '')}`)
  wrong.push(...differences(sample.expect, messages), ...undeclared(manifest, messages))
  return { messages, durationMs: result?.ms ?? 0, wrong }
}

/** `-I` leaves out the folder of the program, and with it the kit's own modules. */
const starts =
  'import sys, runpy; sys.path.insert(0, sys.argv[1]); sys.argv = sys.argv[2:]; runpy.run_path(sys.argv[0], run_name="__main__")'

function parseRan(text: string): z.infer<typeof ranShape> | null {
  try {
    return ranShape.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** What the run said and the sample does not expect, or the other way round. What is not named is not compared. */
function differences(expect: Sample['expect'], messages: readonly AgentMessage[]): string[] {
  const said = {
    findings: messages.flatMap((one) => (one.kind === 'finding' ? [one.finding.key] : [])),
    gaps: messages.flatMap((one) =>
      one.kind === 'result' ? one.gaps.map(({ what }) => what.split(':')[0] ?? '') : [],
    ),
    actions: messages.flatMap((one) => (one.kind === 'action' ? [one.action.aid] : [])),
  }
  const names = { findings: 'finding', gaps: 'gap', actions: 'change' } as const
  return (['findings', 'gaps', 'actions'] as const).flatMap((kind) => {
    const wanted = expect[kind]
    if (wanted === undefined) return []
    const missing = wanted.filter((one) => !said[kind].includes(one))
    const more = [...new Set(said[kind])].filter((one) => !wanted.includes(one))
    return [
      ...missing.map((one) => `The ${names[kind]} ${toOneLine(one, 200)} is expected, and was not said.`),
      ...more.map((one) => `The ${names[kind]} ${toOneLine(one, 200)} was said, and is not expected.`),
    ]
  })
}

/** What the manifest does not tell people about. */
function undeclared(manifest: AgentManifest, messages: readonly AgentMessage[]): string[] {
  const keys = messages.flatMap((one) => (one.kind === 'history' ? [one.key] : []))
  const kinds = messages.flatMap((one) => (one.kind === 'action' ? [one.action.order.type] : []))
  return [
    ...[...new Set(keys)]
      .filter((key) => !manifest.history.includes(key))
      .map((key) => `It keeps history of ${toOneLine(key)}, which agent.yaml does not name under history.`),
    ...[...new Set(kinds)]
      .filter((kind) => !manifest.actions.includes(kind))
      .map((kind) => `It proposes ${kind}, which agent.yaml does not name under actions.`),
  ]
}
