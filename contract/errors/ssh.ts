import type { ErrorCatalogue } from './meaning.ts'

/** Reaching a node. */
export const sshErrors = {
  'ssh.dns_not_found': {
    status: 502,
    title: 'The name of the node is unknown',
    fix: 'Check the spelling, or use the IP address of the node.',
  },
  'ssh.dns_temporary': {
    status: 502,
    title: 'The name server did not answer',
    fix: 'Check the DNS of the server, or use the IP address of the node.',
  },
  'ssh.address_not_allowed': {
    status: 403,
    title: 'The address of the node is outside the allowed networks',
    fix: 'Add its network under Settings → Allowed networks, if it is really yours.',
  },
  'ssh.connection_refused': {
    status: 502,
    title: 'The node is up but refuses connections on this port',
    fix: 'Check the port, and that the SSH server runs: `systemctl status ssh`.',
  },
  'ssh.host_unreachable': {
    status: 502,
    title: 'No route leads to the node',
    fix: 'Check that the node is on, and the network between.',
  },
  'ssh.connection_timeout': {
    status: 504,
    title: 'The node did not answer in time',
    fix: 'Check that the node is on, its address and port, and firewalls between.',
  },
  'ssh.connection_reset': {
    status: 502,
    title: 'The node closed the connection',
    fix: 'Try again; if it stays, look at the log of the SSH server on the node.',
  },
  'ssh.handshake_timeout': {
    status: 504,
    title: 'The SSH server of the node did not finish its greeting',
    fix: 'The node may be overloaded, or another program listens on this port.',
  },
  'ssh.server_busy': {
    status: 503,
    title: 'The node takes no new logins for a while',
    fix: 'Too many connections or failed logins came from this server. Wait a minute; raise MaxStartups if it stays.',
  },
  'ssh.not_ssh': {
    status: 502,
    title: 'Something answers on this port, but it is not SSH',
    fix: 'Check the port number; SSH usually listens on 22.',
  },
  'ssh.no_common_algorithm': {
    status: 502,
    title: 'The node and this server have no algorithm in common',
    fix: 'Update the SSH server of the node, choose the OpenSSH transport, or allow legacy algorithms for this node.',
  },
  'ssh.host_key_unknown': {
    status: 409,
    title: 'The host key of the node is not confirmed yet',
    fix: 'Compare the fingerprint with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on the node and confirm it.',
  },
  'ssh.host_key_changed': {
    status: 409,
    title: 'The host key of the node has changed',
    fix: 'If you reinstalled the node, compare the new fingerprint and confirm it. If not, somebody may be in between: do not go on.',
  },
  'ssh.auth_failed': {
    status: 502,
    title: 'The node refused the login',
    fix: 'Check user name and credential; that the public key is in authorized_keys (one line, file mode 600, home not writable for others); and any from= in it.',
  },
  'ssh.auth_partial': {
    status: 502,
    title: 'The node wants a second proof that this server cannot give',
    fix: 'Exempt this user from the second factor on the node (AuthenticationMethods publickey).',
  },
  'ssh.password_expired': {
    status: 502,
    title: 'The password of this user has expired on the node',
    fix: 'Log in by hand and set a new password, or use a key and `chage -M -1 USER`.',
  },
  'ssh.login_disabled': {
    status: 502,
    title: 'This user may not run commands on the node',
    fix: 'Give the user a login shell (`chsh -s /bin/sh USER`) and remove a forced command.',
  },
  'ssh.login_noisy': {
    status: 502,
    title: 'The login scripts of this user print text',
    fix: 'Nothing breaks by it here. To be rid of it, let .bashrc or .profile print only in a terminal: `[ -t 1 ] || return`.',
  },
  'ssh.login_slow': {
    status: 502,
    title: 'The login of this user takes long',
    fix: 'Look for what is slow in .bashrc or .profile on the node, and skip it without a terminal: `[ -t 1 ] || return`.',
  },
  'ssh.channel_refused': {
    status: 503,
    title: 'The node opens no further session on this connection',
    fix: 'Raise MaxSessions on the node; the execution waits its turn until then.',
  },
  'ssh.connection_budget': {
    status: 429,
    title: 'The budget of new connections to this node is used up',
    fix: 'Wait until the time given, or raise the budget of the node.',
  },
  'ssh.jump_failed': {
    status: 502,
    title: 'The jump host could not reach the node',
    fix: 'Check the address as seen from the jump host, and AllowTcpForwarding there.',
  },
  'ssh.link_lost': {
    status: 502,
    title: 'The link to the node broke',
    fix: 'Check that the node is up and the network between.',
  },
  'ssh.openssh_missing': {
    status: 500,
    title: 'The OpenSSH client is not installed on this server',
    fix: 'Install openssh-client, or choose the built-in transport for this node.',
  },
} as const satisfies ErrorCatalogue
