import type { ErrorCatalogue } from './meaning.ts'

/** Starting on a node. */
export const launchErrors = {
  'launch.no_python': {
    status: 502,
    title: 'The node has no Python 3.8 or newer',
    fix: 'Install it: `apt install python3`, `apk add python3`, `dnf install python3.11`, or the Python plugin on Unraid.',
  },
  'launch.python_too_old': {
    status: 502,
    title: 'The Python of the node is older than 3.8',
    fix: 'Install a newer one beside it, e.g. `dnf install python3.11`; it is found by itself.',
  },
  'launch.no_hello': {
    status: 502,
    title: 'The login worked, but the agent did not start',
    fix: 'Look at what the node printed; a login script that waits, exits or starts another shell is the usual cause.',
  },
  'launch.tampered': {
    status: 502,
    title: 'The agent arrived at the node changed',
    fix: 'Something between alters the data; check the shell start-up files of the user on the node.',
  },
  'launch.gate_refused': {
    status: 502,
    title: 'The gate of the node refused what was to be started',
    fix: 'Open the page of the node at Access and paste the block there once more: the list on the node is older than what is granted now.',
  },
  'launch.no_scratch_folder': {
    status: 502,
    title: 'The node has no folder for a resumable run',
    fix: 'Make /dev/shm or /tmp writable for the user. Until then runs go on, but do not survive a broken link.',
  },
  'launch.node_disk_full': {
    status: 502,
    title: 'A disk of the node is full',
    fix: 'Free some space on the node: `df -h` shows where.',
  },
  'launch.clock_off': {
    status: 502,
    title: 'The clock of the node is wrong',
    fix: 'Let the node set its time: `timedatectl set-ntp true`, or install chrony.',
  },
  'sudo.password_required': {
    status: 502,
    title: 'sudo asks for a password on this node',
    fix: 'Add a sudoers line with NOPASSWD for this user, or store the sudo password with the credential.',
  },
  'sudo.password_wrong': {
    status: 502,
    title: 'sudo did not accept the password',
    fix: 'Correct the sudo password of the credential.',
  },
  'sudo.tty_required': {
    status: 502,
    title: 'sudo wants a terminal on this node',
    fix: 'Add `Defaults:USER !requiretty` to the sudoers file.',
  },
  'sudo.missing': {
    status: 502,
    title: 'The node has no sudo',
    fix: 'Install sudo, log in as root, or set the node to run without it.',
  },
  'sudo.not_allowed': {
    status: 502,
    title: 'This user may not use sudo on the node',
    fix: 'Add the user to the sudoers file, or set the node to run without sudo.',
  },
} as const satisfies ErrorCatalogue
