import type { Agent } from '../../contract/agents.ts'
import { type Execution, isFinal } from '../../contract/executions.ts'
import type { ExecutionId, NodeId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import type { Permission } from '../../contract/permissions.ts'
import type { Messages } from '../lib/messages.ts'
import type { Density, Locale, Theme } from '../lib/preferences.ts'

/** A place of the dashboard, as the rail lists it. */
export interface PalettePlace {
  readonly name:
    | 'home'
    | 'executions'
    | 'findings'
    | 'approvals'
    | 'nodes'
    | 'agents'
    | 'backups'
    | 'schedules'
    | 'costs'
    | 'audit'
    | 'compare'
    | 'search'
    | 'settings'
  readonly to: string
  readonly permission: Permission | null
}

/** What the palette asks for next. */
export type Step =
  | { readonly kind: 'root' }
  | { readonly kind: 'run'; readonly agentId: string; readonly title: string; readonly dryRun: boolean }
  | { readonly kind: 'test' | 'pause' | 'resume' | 'cancel' }

/** What choosing a command does. */
export type Effect =
  | { readonly kind: 'step'; readonly step: Step }
  | { readonly kind: 'go'; readonly to: string; readonly search?: Readonly<Record<string, string>> }
  | {
      readonly kind: 'run'
      readonly agentId: string
      readonly targets: readonly string[]
      readonly dryRun: boolean
    }
  | { readonly kind: 'prepare'; readonly agentId: string }
  | { readonly kind: 'test'; readonly nodeId: NodeId; readonly name: string }
  | { readonly kind: 'pause'; readonly nodeId: NodeId; readonly name: string; readonly isPaused: boolean }
  | { readonly kind: 'cancel'; readonly executionId: ExecutionId }
  | { readonly kind: 'prefer'; readonly theme?: Theme; readonly density?: Density; readonly locale?: Locale }
  | { readonly kind: 'shortcuts' | 'signOut' }

export type CommandKind =
  | 'place'
  | 'action'
  | 'node'
  | 'agent'
  | 'execution'
  | 'preference'
  | 'finding'
  | 'fact'
  | 'search'

export interface Command {
  /** The same for the same thing, whenever it is made. */
  readonly id: string
  readonly kind: CommandKind
  readonly title: string
  /** Found by these too, but not shown. */
  readonly keywords: string
  /** Small, behind the title. */
  readonly hint: string
  readonly effect: Effect
  readonly permission: Permission | null
  /** Listed before anything is typed. */
  readonly isMain: boolean
  /** It is about many nodes at once. */
  readonly isWide: boolean
}

/** What there is to choose from at this moment. */
export interface Things {
  readonly places: readonly PalettePlace[]
  readonly nodes: readonly Node[]
  readonly agents: readonly Agent[]
  readonly executions: readonly Execution[]
}

type Words = Pick<Messages, 'shell' | 'palette' | 'ui'>

const command = (given: Partial<Command> & Pick<Command, 'id' | 'kind' | 'title' | 'effect'>): Command => ({
  keywords: '',
  hint: '',
  permission: null,
  isMain: false,
  isWide: false,
  ...given,
})

/** Every command of a step. */
export function commandsOf(step: Step, things: Things, words: Words): Command[] {
  const { nodes, executions } = things
  const t = words.palette
  switch (step.kind) {
    case 'root':
      return rootCommands(things, words)
    case 'run': {
      const { agentId, dryRun } = step
      const all = command({
        id: `run ${agentId} all`,
        kind: 'action',
        title: t.allNodes,
        effect: { kind: 'run', agentId, targets: ['all'], dryRun },
        permission: 'execution.start',
        isMain: true,
        isWide: true,
      })
      const tags = [...new Set(nodes.flatMap((node) => node.tags))].sort()
      return [
        ...nodes
          .filter((node) => !node.paused)
          .map((node) => ({ ...runOn(node, step, t), title: node.name, isMain: true })),
        ...tags.map((tag) =>
          command({
            id: `run ${agentId} tag:${tag}`,
            kind: 'action',
            title: t.tagged(tag),
            keywords: `tag:${tag}`,
            effect: { kind: 'run', agentId, targets: [`tag:${tag}`], dryRun },
            permission: 'execution.start',
            isMain: true,
            isWide: true,
          }),
        ),
        all,
      ]
    }
    case 'test':
      return nodes.map((node) => ({ ...testOf(node, t), title: node.name, isMain: true }))
    case 'pause':
    case 'resume':
      return nodes
        .filter(({ paused }) => paused === (step.kind === 'resume'))
        .map((node) => ({ ...pauseOf(node, t), title: node.name, isMain: true }))
    case 'cancel':
      return executions
        .filter(({ state }) => !isFinal(state))
        .map((execution) => ({ ...cancelOf(execution, things, words), isMain: true }))
  }
}

function rootCommands(things: Things, words: Words): Command[] {
  const { places, nodes, agents, executions } = things
  const { shell, palette: t } = words
  return [
    ...agents.flatMap((agent) => runSteps(agent, t)),
    ...(['test', 'pause', 'resume', 'cancel'] as const).map((kind) =>
      command({
        id: `step ${kind}`,
        kind: 'action',
        title: t.steps[kind],
        effect: { kind: 'step', step: { kind } },
        permission: stepPermission[kind],
        isMain: kind === 'test' || kind === 'cancel',
      }),
    ),
    command({
      id: 'go /nodes/new',
      kind: 'action',
      title: t.addNode,
      effect: { kind: 'go', to: '/nodes/new' },
      permission: 'node.write',
      isMain: true,
    }),
    command({
      id: 'go /first-steps',
      kind: 'action',
      title: t.firstSteps,
      effect: { kind: 'go', to: '/first-steps' },
      permission: 'settings.write',
    }),
    ...places.map(({ name, to, permission }) =>
      command({
        id: `go ${to}`,
        kind: 'place',
        title: shell[name],
        effect: { kind: 'go', to },
        permission,
        isMain: true,
      }),
    ),
    ...nodes.flatMap((node) => [
      command({
        id: `go /nodes/${node.id}`,
        kind: 'node',
        title: node.name,
        keywords: `${node.id} ${node.host} ${node.tags.join(' ')}`,
        hint: node.host,
        effect: { kind: 'go', to: `/nodes/${node.id}` },
        permission: 'node.read',
      }),
      testOf(node, t),
      pauseOf(node, t),
      ...(node.paused ? [] : agents.map((agent) => runOn(node, toStep(agent, false), t))),
    ]),
    ...agents.map(({ manifest: { id, title } }) =>
      command({
        id: `go /agents/${id}`,
        kind: 'agent',
        title,
        keywords: id,
        effect: { kind: 'go', to: `/agents/${id}` },
        permission: 'agent.read',
      }),
    ),
    ...executions.map((execution) =>
      command({
        id: `go /executions/${execution.id}`,
        kind: 'execution',
        title: nameOf(execution, things, words),
        keywords: execution.id,
        hint: words.ui.states[execution.state],
        effect: { kind: 'go', to: `/executions/${execution.id}` },
        permission: 'execution.read',
      }),
    ),
    ...executions
      .filter(({ state }) => !isFinal(state))
      .map((execution) => cancelOf(execution, things, words)),
    ...preferences(shell),
    command({
      id: 'shortcuts',
      kind: 'action',
      title: shell.shortcuts,
      effect: { kind: 'shortcuts' },
      isMain: true,
    }),
    command({ id: 'sign-out', kind: 'action', title: shell.signOut, effect: { kind: 'signOut' } }),
  ]
}

const stepPermission = {
  test: 'node.test',
  pause: 'node.write',
  resume: 'node.write',
  cancel: 'execution.cancel',
} as const satisfies Record<string, Permission>

const toStep = ({ manifest: { id, title } }: Agent, dryRun: boolean) =>
  ({ kind: 'run', agentId: id, title, dryRun }) as const

/** An agent with an option that has no default has to be asked about it first. */
const needsOptions = ({ manifest: { options } }: Agent): boolean =>
  (options.required ?? []).some((name) => options.properties[name]?.default === undefined)

function runSteps(agent: Agent, t: Messages['palette']): Command[] {
  const { id, title, actions } = agent.manifest
  const prepare: Effect = { kind: 'prepare', agentId: id }
  const common = { kind: 'action', keywords: id, permission: 'execution.start' } as const
  const run = command({
    ...common,
    id: `run ${id}`,
    title: t.runOn(title),
    effect: needsOptions(agent) ? prepare : { kind: 'step', step: toStep(agent, false) },
    isMain: true,
  })
  const dry = command({
    ...common,
    id: `dry-run ${id}`,
    title: t.dryRunOn(title),
    effect: needsOptions(agent) ? prepare : { kind: 'step', step: toStep(agent, true) },
    isMain: true,
  })
  const withOptions = command({
    ...common,
    id: `prepare ${id}`,
    title: t.runWithOptions(title),
    effect: prepare,
  })
  // Where nothing can change, both do the same.
  return actions.length > 0 ? [run, dry, withOptions] : [run, withOptions]
}

function runOn(
  node: Node,
  { agentId, title, dryRun }: Extract<Step, { kind: 'run' }>,
  t: Messages['palette'],
): Command {
  return command({
    id: `run ${agentId} ${node.id}${dryRun ? ' dry' : ''}`,
    kind: 'action',
    title: dryRun ? t.dryRunOnNode(title, node.name) : t.runOnNode(title, node.name),
    keywords: `${agentId} ${node.id} ${node.host} ${node.tags.join(' ')}`,
    hint: node.host,
    effect: { kind: 'run', agentId, targets: [node.id], dryRun },
    permission: 'execution.start',
  })
}

const testOf = (node: Node, t: Messages['palette']): Command =>
  command({
    id: `test ${node.id}`,
    kind: 'action',
    title: t.testNode(node.name),
    keywords: `${node.id} ${node.host}`,
    hint: node.host,
    effect: { kind: 'test', nodeId: node.id, name: node.name },
    permission: 'node.test',
  })

const pauseOf = ({ id, name, host, paused }: Node, t: Messages['palette']): Command =>
  command({
    id: `pause ${id}`,
    kind: 'action',
    title: paused ? t.resumeNode(name) : t.pauseNode(name),
    keywords: `${id} ${host}`,
    hint: host,
    effect: { kind: 'pause', nodeId: id, name, isPaused: !paused },
    permission: 'node.write',
  })

function nameOf({ agentId, nodeName }: Execution, { agents }: Things, { palette: t }: Words): string {
  const title = agents.find(({ manifest }) => manifest.id === agentId)?.manifest.title ?? agentId
  return t.agentOnNode(title, nodeName)
}

const cancelOf = (execution: Execution, things: Things, words: Words): Command =>
  command({
    id: `cancel ${execution.id}`,
    kind: 'action',
    title: words.palette.cancelOf(nameOf(execution, things, words)),
    keywords: execution.id,
    hint: words.ui.states[execution.state],
    effect: { kind: 'cancel', executionId: execution.id },
    permission: 'execution.cancel',
  })

function preferences(t: Messages['shell']): Command[] {
  const one = (id: string, title: string, effect: Effect) =>
    command({ id, kind: 'preference', title, effect })
  return [
    ...(['system', 'light', 'dark'] as const).map((theme) =>
      one(`theme ${theme}`, `${t.theme}: ${t.themes[theme]}`, { kind: 'prefer', theme }),
    ),
    ...(['comfortable', 'compact'] as const).map((density) =>
      one(`density ${density}`, `${t.density}: ${t.densities[density]}`, { kind: 'prefer', density }),
    ),
    ...(['en', 'de'] as const).map((locale) =>
      one(`language ${locale}`, `${t.language}: ${t.languages[locale]}`, { kind: 'prefer', locale }),
    ),
  ]
}
