import { Command, Option } from 'commander'
import { exportAudit, type ExportOptions } from './cli/audit-export.ts'
import { type VerifyOptions, verifyAudit } from './cli/audit.ts'
import { check, type NewAgentOptions, newAgent, reloadAgents, testAgent } from './cli/agent.ts'
import {
  type ApproveOptions,
  approvePlan,
  listApprovals,
  rejectPlan,
  type RejectOptions,
} from './cli/approvals.ts'
import { backup, type BackupOptions } from './cli/backup.ts'
import { apply, type ApplyOptions, exportConfiguration } from './cli/configuration.ts'
import { type DemoOptions, demo } from './cli/demo.ts'
import { doctor } from './cli/doctor.ts'
import { health } from './cli/health.ts'
import { type RotateOptions, rotateKey, unseal } from './cli/master-key.ts'
import { enrol, type EnrolOptions } from './cli/enrol.ts'
import { exitCodeOf, exitCodes, printProblem, problemOf } from './cli/problem.ts'
import { recost } from './cli/recost.ts'
import { testChannel } from './cli/test-channel.ts'
import { restore, type RestoreOptions } from './cli/restore.ts'
import { resetFactors } from './cli/reset-factors.ts'
import { resetPassword } from './cli/reset-password.ts'
import { type RotateSshKeyOptions, rotateSshKey } from './cli/rotate-ssh-key.ts'
import { type RunOptions, runAgent } from './cli/run.ts'
import { addSamples, removeSamples } from './cli/samples.ts'
import { listSchedules, pauseSchedule, removeSchedule, runSchedule, showSchedule } from './cli/schedules.ts'
import {
  fireTrigger,
  listTriggers,
  pauseTrigger,
  removeTrigger,
  renewWebhook,
  showTrigger,
} from './cli/triggers.ts'
import { start } from './cli/start.ts'
import { environment, readConfig } from './config.ts'
import { version } from './version.ts'

// Whoever reads what is printed may stop reading, as `| head` does; that is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(exitCodes.ok)
  })
}

/** The `carl` command. */
const program = new Command('carl')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? exitCodes.ok : exitCodes.usage))
  .description(
    'Looks after your machines over SSH: carries small agents there, shows what they do, tells what needs you.',
  )
  .version(version, '-v, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .helpCommand(false)
  .showSuggestionAfterError()
  .configureHelp({ sortSubcommands: false })
  .addHelpText(
    'after',
    `
Examples:
  carl demo                                 look at this machine, in a minute
  carl start                                start the server and open the printed link
  carl run system-health --node nas         run an agent and print its report
  carl run system-health --node 'tag:pi'    … on every node with a tag
  carl approvals                            see what agents would change
  carl agent new big-logs                   write an agent of your own
  carl doctor nas                           find out why a node cannot be reached
  carl enrol nas | ssh root@nas sh          let exactly the granted agents run there
  carl apply -f schedules.yaml              make what is in a file run by itself

The commands talk to the server on this machine, or to CARL_URL with CARL_TOKEN.`,
  )

program
  .command('start')
  .description('start the server')
  .addHelpText(
    'after',
    () => `\nEnvironment:\n${describeEnvironment()}\n\nEverything else is set while it runs.`,
  )
  .action(() => finish(() => start(readConfig(process.env))))

program
  .command('demo')
  .description('look at this machine over SSH, in a folder of its own that is removed again')
  .option('--once', 'exit after the report', false)
  .option('--json', 'print the report as one line of JSON', false)
  .addOption(new Option('--port <number>', 'port of the server').default(3000).argParser(Number))
  .action((given: DemoOptions) => finish(() => demo(given)))

program
  .command('run')
  .description('run an agent on nodes, show what it does, and print the report')
  .argument('<agent>', 'for example system-health')
  .requiredOption('-n, --node <selector>', 'names, globs, tags (tag:storage) or all, joined by commas')
  .option('--dry-run', 'make plans and previews only', false)
  .option('--estimate', 'only say what the model may cost; nothing runs', false)
  .option('--json', 'print execution and report as one line of JSON', false)
  .option('-q, --quiet', 'print the report only', false)
  .option('-o, --option <name=value>', 'an option of the agent; may be repeated', collect, [])
  .option('--options-file <file>', 'options of the agent as a JSON file')
  .addOption(new Option('--timeout <seconds>', 'stop the agent after this time').argParser(Number))
  .action((agent: string, given: RunOptions) => finish(() => runAgent(agent, given, readConfig(process.env))))

const agent = program.command('agent').description('write agents of your own: make one, try it, look it over')
agent
  .command('new')
  .description('write a small agent that works: manifest, program, test, samples and README')
  .argument('<name>', 'lower-case words joined by hyphens, for example big-logs')
  .option('--in <folder>', 'where to make it; among the own agents of this server when left out')
  .action((name: string, given: NewAgentOptions) =>
    finish(async () => newAgent(name, given, readConfig(process.env))),
  )
agent
  .command('test')
  .description('run the tests of an agent, and the agent on its samples; no node is needed')
  .argument('[folder]', 'folder of the agent; this one when left out')
  .option('--json', 'print what it came to as one line of JSON', false)
  .action((folder: string | undefined, given: { json: boolean }) =>
    finish(() => testAgent(folder, given.json)),
  )
agent
  .command('check')
  .description('look over manifest, options, samples, names, sizes and programs, without running anything')
  .argument('[folder]', 'folder of the agent; this one when left out')
  .option('--json', 'print what is wrong as one line of JSON', false)
  .action((folder: string | undefined, given: { json: boolean }) => finish(() => check(folder, given.json)))
agent
  .command('reload')
  .description('let the server read its own agents again')
  .option('--json', 'print what is different as one line of JSON', false)
  .action((given: { json: boolean }) => finish(() => reloadAgents(given.json, readConfig(process.env))))

const approvals = program
  .command('approvals')
  .description('changes that agents propose: list what waits, approve it or reject it')
  .option('--json', 'print the plans as one line of JSON', false)
  .action((given: { json: boolean }) => finish(() => listApprovals(given.json, readConfig(process.env))))
approvals
  .command('approve')
  .description('approve all that waits in a plan, or the changes that are named, and see it done')
  .argument('<plan>', 'as `carl approvals` prints it')
  .argument('[changes...]', 'names of changes; all that wait when there are none')
  .option('--dry-run', 'only check on the node; nothing is decided or changed', false)
  .option('--name <name>', 'name of a volume that is to go for good; may be repeated', collect, [])
  .option('--json', 'print the plan as one line of JSON', false)
  .action((plan: string, changes: string[], given: ApproveOptions) =>
    finish(() => approvePlan(plan, changes, given, readConfig(process.env))),
  )
approvals
  .command('reject')
  .description('reject all that waits in a plan, or the changes that are named')
  .argument('<plan>', 'as `carl approvals` prints it')
  .argument('[changes...]', 'names of changes; all that wait when there are none')
  .option('--why <text>', 'kept in the audit trail', '')
  .option(
    '--ask-again <when>',
    'days after which the same is asked again, next (the next run) or never',
    '30',
  )
  .action((plan: string, changes: string[], given: RejectOptions) =>
    finish(() => rejectPlan(plan, changes, given, readConfig(process.env))),
  )

program
  .command('doctor')
  .description('find out why a node cannot be reached, or look over this server')
  .argument('[node]', 'name of the node; without one the server itself is looked over')
  .option('--json', 'print the result as one line of JSON', false)
  .action((node: string | undefined, given: { json: boolean }) =>
    finish(() => doctor(node, given.json, readConfig(process.env))),
  )

program
  .command('health')
  .description('say whether the server on this machine answers, for container engines')
  .action(() => finish(() => health(readConfig(process.env))))

program
  .command('rotate-ssh-key')
  .description('give a node a new SSH key; the old one goes when the new one has proved itself')
  .argument('<node>', 'name of the node')
  .option('--remove-uploaded', 'also remove the line of a key that was brought from elsewhere', false)
  .option('--json', 'print the result as one line of JSON', false)
  .action((node: string, given: RotateSshKeyOptions) =>
    finish(() => rotateSshKey(node, given, readConfig(process.env))),
  )

program
  .command('enrol')
  .description('print the block that lets the key of a node in, for a root shell there')
  .argument('<node>', 'name of the node')
  .option('--from <addresses>', 'where the key is good from; else the address that the node told')
  .option('--jump', 'other nodes are reached through this one', false)
  .option('--remove', 'print the line that undoes the block', false)
  .action((node: string, given: EnrolOptions) => finish(() => enrol(node, given, readConfig(process.env))))

program
  .command('recost')
  .description('compute the cost of every model call anew, after a price was corrected')
  .option('--json', 'print the result as one line of JSON', false)
  .action((given: { json: boolean }) => finish(() => recost(given.json, readConfig(process.env))))

program
  .command('test-channel')
  .description('send a test message by a channel, or by each that is switched on')
  .argument('[channel]', 'name of the channel')
  .option('--json', 'print the results as one line of JSON', false)
  .action((channel: string | undefined, given: { json: boolean }) =>
    finish(() => testChannel(channel, given.json, readConfig(process.env))),
  )

program
  .command('backup')
  .description('make a backup of this server now, whether it runs or not')
  .option('--list', 'only show what is kept', false)
  .option('--drill', 'restore the newest one on trial instead', false)
  .option('--json', 'print the result as one line of JSON', false)
  .action((given: BackupOptions) => finish(() => backup(given, readConfig(process.env))))

program
  .command('restore')
  .description('put a backup in the place of the data folder; the server must be stopped')
  .argument('<file>', 'a backup, or a snapshot from before an upgrade')
  .option('--kit <file>', 'the recovery kit, or a file with the key; - for standard input')
  .option('--replace', 'move aside what is in the data folder', false)
  .option('--check', 'only open it, check it and tell what is in it', false)
  .option('--json', 'print the result as one line of JSON', false)
  .action((file: string, given: RestoreOptions) =>
    finish(() => restore(file, given, readConfig(process.env))),
  )

program
  .command('reset-password')
  .description('set a new password for a user; reads it from standard input; the server must be stopped')
  .argument('<user>', 'name of the user')
  .action((user: string) => finish(() => resetPassword(user, readConfig(process.env))))

program
  .command('reset-factors')
  .description('take away the second factors of a user who lost them; the server must be stopped')
  .argument('<user>', 'name of the user')
  .action((user: string) => finish(() => resetFactors(user, readConfig(process.env))))

program
  .command('unseal')
  .description('open a sealed server with its passphrase, which is asked for or read from standard input')
  .action(() => finish(() => unseal(readConfig(process.env))))

program
  .command('rotate-key')
  .description('change the master key while the server runs; every stored secret is sealed anew')
  .addOption(
    new Option('--to <kind>', 'how the new key is kept; as the old one when left out').choices([
      'generated',
      'passphrase',
    ]),
  )
  .action((given: RotateOptions) => finish(() => rotateKey(given, readConfig(process.env))))

const audit = program.command('audit').description('look after the audit trail')
audit
  .command('verify')
  .description('find lines that were changed, removed, reordered or cut off')
  .option(
    '--checkpoints <file>',
    'signed checkpoints that lie elsewhere, besides those of AUDIT_CHECKPOINT_FILE',
  )
  .option('--json', 'print the result as one line of JSON', false)
  .action((given: VerifyOptions) => finish(() => verifyAudit(given, readConfig(process.env))))
audit
  .command('export')
  .description('print the audit trail, oldest first; that somebody did is a line of it')
  .option('-f, --format <format>', 'jsonl, or csv for a spreadsheet', 'jsonl')
  .option('--action <action>', 'only lines of this kind, for example settings.changed')
  .option('--target <target>', 'only lines about this id or name')
  .action((given: ExportOptions) => finish(() => exportAudit(given, readConfig(process.env))))

program
  .command('apply')
  .description(
    'make what YAML files say so: schedules, nodes, settings, …; shows the difference first and asks',
  )
  .requiredOption('-f, --file <file>', 'a file, or - for standard input; may be repeated', collect, [])
  .option('--secrets <file>', 'a file of YAML with secrets for what is new, such as channel/ops/url: …')
  .option('-y, --yes', 'do not ask', false)
  .option('--dry-run', 'only show the difference', false)
  .option('--json', 'print the result as one line of JSON', false)
  .action((given: ApplyOptions) => finish(() => apply(given, readConfig(process.env))))

program
  .command('export')
  .description('print all that is set up as YAML without secrets, ready for carl apply')
  .argument('[schedule]', 'only this schedule, as it was written')
  .option('--schedules', 'only schedules and triggers as they were written, addresses included', false)
  .action((name: string | undefined, given: { schedules: boolean }) =>
    finish(() => exportConfiguration(name, given, readConfig(process.env))),
  )

const samples = program
  .command('samples')
  .description('look around with made-up data, before there is a real node')
samples
  .command('add')
  .description('put sample nodes in, with reports, findings, a plan and a schedule; nothing is contacted')
  .action(() => finish(() => addSamples(readConfig(process.env))))
samples
  .command('remove')
  .description('take all sample data out again')
  .action(() => finish(() => removeSamples(readConfig(process.env))))

const schedule = program.command('schedule').description('look after what runs by itself')
schedule
  .command('list')
  .description('list schedules with their next run')
  .option('--json', 'print the result as one line of JSON', false)
  .action((given: { json: boolean }) => finish(() => listSchedules(given.json, readConfig(process.env))))
schedule
  .command('show')
  .description('show what became of the last runs of a schedule, and when the next ones are')
  .argument('<schedule>', 'name of the schedule')
  .option('--json', 'print the result as one line of JSON', false)
  .action((name: string, given: { json: boolean }) =>
    finish(() => showSchedule(name, given.json, readConfig(process.env))),
  )
schedule
  .command('pause')
  .description('let nothing start by it until it is resumed')
  .argument('<schedule>', 'name of the schedule')
  .action((name: string) => finish(() => pauseSchedule(name, true, readConfig(process.env))))
schedule
  .command('resume')
  .description('let it start runs again, from now on')
  .argument('<schedule>', 'name of the schedule')
  .action((name: string) => finish(() => pauseSchedule(name, false, readConfig(process.env))))
schedule
  .command('run')
  .description('run it once, now')
  .argument('<schedule>', 'name of the schedule')
  .action((name: string) => finish(() => runSchedule(name, readConfig(process.env))))
schedule
  .command('remove')
  .description('remove it; what it ran stays')
  .argument('<schedule>', 'name of the schedule')
  .action((name: string) => finish(() => removeSchedule(name, readConfig(process.env))))

const trigger = program.command('trigger').description('look after what runs when something happens')
trigger
  .command('list')
  .description('list triggers with what they wait for')
  .option('--json', 'print the result as one line of JSON', false)
  .action((given: { json: boolean }) => finish(() => listTriggers(given.json, readConfig(process.env))))
trigger
  .command('show')
  .description('show what a trigger started, and why it did not')
  .argument('<trigger>', 'name of the trigger')
  .option('--json', 'print the result as one line of JSON', false)
  .action((name: string, given: { json: boolean }) =>
    finish(() => showTrigger(name, given.json, readConfig(process.env))),
  )
trigger
  .command('pause')
  .description('let it start nothing until it is resumed')
  .argument('<trigger>', 'name of the trigger')
  .action((name: string) => finish(() => pauseTrigger(name, true, readConfig(process.env))))
trigger
  .command('resume')
  .description('let it start runs again, for what happens from now on')
  .argument('<trigger>', 'name of the trigger')
  .action((name: string) => finish(() => pauseTrigger(name, false, readConfig(process.env))))
trigger
  .command('fire')
  .description('start what it starts, now')
  .argument('<trigger>', 'name of the trigger')
  .option('--on <nodes>', 'where, if it runs on the node that something happened on', collect, [])
  .action((name: string, given: { on: string[] }) =>
    finish(() => fireTrigger(name, given.on, readConfig(process.env))),
  )
trigger
  .command('webhook')
  .description('make a new address and a new key for it, shown once; the old ones stop working')
  .argument('<trigger>', 'name of the trigger')
  .option('--json', 'print the result as one line of JSON', false)
  .action((name: string, given: { json: boolean }) =>
    finish(() => renewWebhook(name, given.json, readConfig(process.env))),
  )
trigger
  .command('remove')
  .description('remove it; what it ran stays')
  .argument('<trigger>', 'name of the trigger')
  .action((name: string) => finish(() => removeTrigger(name, readConfig(process.env))))

/** Each variable with its sentence and its default. */
function describeEnvironment(): string {
  const width = Math.max(...Object.keys(environment.shape).map((name) => name.length))
  return Object.entries(environment.shape)
    .map(([name, { description = '' }]) => `  ${name.padEnd(width)}  ${description}`)
    .join('\n')
}

function collect(value: string, before: string[]): string[] {
  return [...before, value]
}

/** Runs a command to its exit status. A known problem is told in words; anything else is a bug, with its stack. */
async function finish(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work()
  } catch (error) {
    const problem = problemOf(error)
    if (problem) printProblem(problem)
    else console.error(error)
    process.exitCode = problem ? exitCodeOf(problem) : exitCodes.failed
  }
}

await program.parseAsync()
