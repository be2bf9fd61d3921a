import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parse } from 'yaml'
import { type AgentManifest, agentManifest } from '../../../contract/agent-manifest.ts'
import { limitsOf, type Shape } from '../shape.ts'
import { code, listed, tableOf } from '../table.ts'

/** Every built-in agent as its manifest describes it. */
export function agentsPage(root: string): string {
  const manifests = globSync('agents/*/agent.yaml', { cwd: root })
    .sort()
    .map((file) => ({
      folder: basename(dirname(file)),
      manifest: agentManifest.parse(parse(readFileSync(join(root, file), 'utf8'))),
    }))
  return `# Every agent

What each built-in agent reads, may propose and can be told. _Agents_ in the dashboard shows the same, with the rules for
sudo. How to run one: [run an agent](../guide/run-an-agent.md).

${manifests.map(agentOf).join('\n\n')}
`
}

function agentOf({ folder, manifest }: { folder: string; manifest: AgentManifest }): string {
  const { id, title, description, reads, actions, privileges, timeoutS } = manifest
  return [
    `## ${title}`,
    description.trim(),
    `\`carl run ${id} --node NODE\`. It may take ${timeoutS.default} seconds, or up to ${timeoutS.max} when you say so. All findings and rules: [its own description](../../agents/${folder}/README.md).`,
    `It reads:\n\n${reads.map((line) => `- ${line}`).join('\n')}`,
    actions.length > 0
      ? `It can propose ${listed(actions.map(code), 'and')}; a person approves.`
      : 'It changes nothing.',
    tableOf(['With the rights', 'It sees'], Object.entries(privileges)),
    optionsOf(manifest),
  ]
    .filter(Boolean)
    .join('\n\n')
}

function optionsOf({ options }: AgentManifest): string {
  const rows = Object.entries(options.properties).map(([name, option]) => {
    const words = [option.title, option.description, limitsOf(option as Shape)].filter(Boolean)
    const value = option.default === undefined ? '' : code(JSON.stringify(option.default))
    return [code(name), value, words.map((text) => String(text).replace(/\.?$/, '.')).join(' ')]
  })
  return rows.length === 0 ? '' : tableOf(['Option', 'Default', 'What it does'], rows)
}
