import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const agents = join(import.meta.dirname, 'agents')

/** What makes `strikes` of `marks`. */
const changes = [
  ['id: marks', 'id: strikes'],
  ['title: Marks', 'title: Strikes'],
  ['resumable: true', 'resumable: false'],
] as const

/** Lays the agents out that faults are done with. `strikes` does what `marks` does, and stops when the link breaks. */
export function layOutAgents(folder: string): void {
  cpSync(agents, folder, { recursive: true })
  const strikes = join(folder, 'strikes')
  cpSync(join(folder, 'marks'), strikes, { recursive: true })
  const file = join(strikes, 'agent.yaml')
  writeFileSync(file, changes.reduce(changed, readFileSync(file, 'utf8')))
}

function changed(text: string, [from, to]: (typeof changes)[number]): string {
  if (!text.includes(from)) throw new Error(`the agent marks no longer says ${from}`)
  return text.replace(from, to)
}
