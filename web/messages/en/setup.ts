export const setup = {
  title: 'Set up Carl',
  way: 'Steps of the set-up',
  later: 'Do the rest later',
  done: '(done)',
  whatHappens: 'What happens, and where',
  byCommand: 'The same by command',
  steps: {
    claim: {
      name: 'Administrator',
      title: 'Make this server yours',
      text: 'Whoever has the set-up link may do this once. You are the administrator from then on.',
    },
    node: {
      name: 'First node',
      title: 'Add your first node',
      text: 'Any machine that you reach over SSH and that has Python 3.8 or newer. Nothing is installed on it.',
    },
    connection: {
      name: 'Connection',
      title: 'Test the connection',
      text: 'Every step from the name to the clock. The first time, you compare the fingerprint of the machine.',
    },
    run: {
      name: 'First run',
      title: 'Look at the node',
      text: 'System Health reads what there is and says what needs somebody. It changes nothing.',
    },
  },
  about: {
    claim: {
      happens: [
        'Your password is stored as an Argon2id hash in the database of this server.',
        'The link stops working the moment there is an administrator.',
        'Nothing leaves this server.',
      ],
      command: 'ADMIN_PASSWORD_FILE=/path/to/file npm start',
    },
    node: {
      happens: [
        'A key or password is sealed with the key of this server and never shown again.',
        'Nothing is contacted before you test or run something.',
      ],
      command: 'curl -H "Authorization: Bearer $CARL_TOKEN" $CARL_URL/api/v1/nodes …',
    },
    connection: {
      happens: [
        'The server logs in once, runs a few harmless commands, and logs out.',
        'The confirmed fingerprint is kept. If it changes later, nothing runs until you say so.',
      ],
      command: 'carl doctor NAME',
    },
    run: {
      happens: [
        'The agent travels over the SSH connection and runs in memory.',
        'When it ends, nothing of it is left on the node.',
        'Log and report stay on this server.',
      ],
      command: 'carl run system-health --node NAME',
    },
  },
  claim: {
    token: 'Set-up token',
    tokenHint: 'It stands behind #token= in the link that the server printed when it started.',
    name: 'Name',
    password: 'Password',
    passwordHint: 'At least 12 characters. Four random words are good.',
    again: 'Password again',
    unequal: 'These two are not the same.',
    submit: 'Make the administrator',
  },
  connection: {
    node: 'Node:',
    goOn: 'Go on',
    skip: 'Go on without a test',
    change: 'Change the node',
  },
  run: {
    start: (node: string) => `Run System Health on ${node}`,
    harmless: 'It takes a few seconds.',
    waiting: 'Starting…',
    lines: 'What the run says',
    toReport: 'Open the report',
    toHome: 'To the start page',
    again: 'Run it again',
  },
  finished: {
    title: 'All set',
    text: 'There is an administrator, a node, and a report of it. One thing is left for the day something breaks: the recovery kit.',
    toHome: 'To the start page',
    toKit: 'Get the recovery kit',
  },
}
