import { Command } from 'commander'
import { tableOf } from '../table.ts'

let read: Promise<Command> | null = null

/**
 * The command `carl` as the program declares it. Nothing of it runs: where it would read its arguments, it is handed
 * over instead.
 */
export function readProgram(): Promise<Command> {
  read ??= declared()
  return read
}

async function declared(): Promise<Command> {
  const { promise, resolve } = Promise.withResolvers<Command>()
  const original = Object.getOwnPropertyDescriptor(Command.prototype, 'parseAsync')
  if (!original) throw new Error('The command line is not read as this expects.')
  Object.defineProperty(Command.prototype, 'parseAsync', {
    ...original,
    value(this: Command) {
      resolve(this)
      return Promise.resolve(this)
    },
  })
  try {
    await import('../../../server/main.ts')
  } finally {
    Object.defineProperty(Command.prototype, 'parseAsync', original)
  }
  return promise
}

/** The words that call a command, such as `audit verify`; with every command below it. */
export function commandsBelow(command: Command, words: readonly string[] = []): Map<string, Command> {
  return new Map(
    command.commands.flatMap((child) => {
      const name = [...words, child.name()]
      return [[name.join(' '), child] as const, ...commandsBelow(child, name)]
    }),
  )
}

/** Every command with what it takes, from its own help. */
export async function commandsPage(): Promise<string> {
  const program = await readProgram()
  const sections = [...commandsBelow(program)].map(([name, command]) => sectionOf(name, command))
  return `# Every command

${program.description()} On the machine of the server \`carl\` finds it by the data folder; from elsewhere it takes
\`CARL_URL\` and \`CARL_TOKEN\`, see [getting started](../guide/getting-started.md#the-command-carl). \`carl COMMAND --help\`
says the same as this page.

It ends with 0 when all went well; what other numbers mean stands in [run an agent](../guide/run-an-agent.md).

${sections.join('\n\n')}
`
}

function sectionOf(name: string, command: Command): string {
  const help = command.createHelp()
  const options = help.visibleOptions(command).filter(({ long }) => long !== '--help')
  const taken = [
    ...help.visibleArguments(command).map((one) => [help.argumentTerm(one), help.argumentDescription(one)]),
    ...options.map((one) => [
      help.optionTerm(one),
      help.optionDescription(one).replace(/ \(default: (?:false|\[\])\)$/, ''),
    ]),
  ]
  return [
    `## \`carl ${name}\``,
    sentence(command.description()),
    `\`\`\`text\n${help.commandUsage(command)}\n\`\`\``,
    taken.length > 0
      ? tableOf(
          ['It takes', ''],
          taken.map(([term = '', words = '']) => [`\`${term}\``, sentence(words)]),
        )
      : '',
  ]
    .filter(Boolean)
    .join('\n\n')
}

const sentence = (text: string): string =>
  text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.?$/, '.')}`
