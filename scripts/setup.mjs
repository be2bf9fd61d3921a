// Runs before anything is installed, so it is plain JavaScript and uses nothing but Node.
// It prints to standard error alone, and only what takes time: standard output belongs to the command.
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { build, isBuilt } from './setup/bundle.mjs'
import { installDependencies } from './setup/dependencies.mjs'
import { installPrograms } from './setup/programs.mjs'
import { SetupProblem, say } from './setup/say.mjs'

const root = resolve(import.meta.dirname, '..')

/** What each purpose needs to be in place before its command starts. */
const purposes = {
  demo: prepareServer,
  start: prepareServer,
  check: () => installDependencies(root, { forDevelopment: true }),
  test: prepareTests,
  bench: prepareBench,
  chaos: prepareChaos,
}

function prepareServer() {
  const built = isBuilt(root)
  // The tools that build are development dependencies; an installed server does without them.
  installDependencies(root, { forDevelopment: !built })
  if (!built) build(root)
}

function prepareTests() {
  installDependencies(root, { forDevelopment: true })
  installPrograms('tests')
}

/** What is measured is the product as it ships. */
function prepareBench() {
  installDependencies(root, { forDevelopment: true })
  installPrograms('benchmarks')
  if (!isBuilt(root)) build(root)
}

/** What is broken is the product as it ships, with the programs that tests need. */
function prepareChaos() {
  prepareTests()
  if (!isBuilt(root)) build(root)
}

/** Where PATH finds a program, as a shell would. */
function findProgram(name) {
  if (name === 'node') return process.execPath
  if (name.includes('/')) return resolve(name)
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder || '.', name))
  return places.find((place) => existsSync(place))
}

const [purpose, separator, ...command] = process.argv.slice(2)
const prepare = Object.hasOwn(purposes, purpose ?? '') ? purposes[purpose] : undefined
if (!prepare || separator !== '--' || command.length === 0) {
  say(`Usage: node scripts/setup.mjs ${Object.keys(purposes).join('|')} -- COMMAND [ARGUMENT…]`)
  process.exit(2)
}
try {
  process.chdir(root)
  prepare()
  const program = findProgram(command[0])
  if (!program) throw new SetupProblem(`There is no program called ${command[0]}.`)
  // This process becomes the command: its signals, its exit status and its terminal are the command's own.
  process.execve(program, command, process.env)
} catch (error) {
  if (!(error instanceof SetupProblem)) throw error
  say(error.message)
  process.exit(1)
}
