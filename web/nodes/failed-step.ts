import type { DoctorStep } from '../../contract/nodes.ts'

/** Codes by how they begin, the longest first: each names the step of the doctor at which it shows. */
const steps: readonly (readonly [begin: string, step: DoctorStep['step']])[] = [
  ['ssh.dns_', 'resolve'],
  ['ssh.address_not_allowed', 'address'],
  ['ssh.connection_', 'tcp'],
  ['ssh.host_unreachable', 'tcp'],
  ['ssh.jump_failed', 'tcp'],
  ['ssh.not_ssh', 'banner'],
  ['ssh.handshake_timeout', 'banner'],
  ['ssh.server_busy', 'banner'],
  ['ssh.openssh_missing', 'banner'],
  ['ssh.no_common_algorithm', 'algorithms'],
  ['ssh.host_key_', 'host-key'],
  ['ssh.auth_', 'auth'],
  ['ssh.password_expired', 'auth'],
  ['credential.', 'auth'],
  ['ssh.', 'shell'],
  ['launch.no_python', 'python'],
  ['launch.python_', 'python'],
  ['launch.no_scratch_folder', 'scratch-folder'],
  ['launch.node_disk_full', 'disk'],
  ['launch.clock_off', 'clock'],
  ['launch.', 'shell'],
  ['sudo.', 'sudo'],
]

/** At which step of reaching a node a problem shows; null when it is about something else. */
export const failedStep = (code: string): DoctorStep['step'] | null =>
  steps.find(([begin]) => code.startsWith(begin))?.[1] ?? null
