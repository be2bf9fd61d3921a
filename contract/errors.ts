import * as z from 'zod'

/** What one error code means: the HTTP status when it refuses a request, its title, and the way out. */
export interface ErrorMeaning {
  readonly status: number
  readonly title: string
  readonly fix: string
}

/**
 * Every error the product can name. Titles are plain sentences without a full stop; fixes say what to do next.
 * The same words appear in the API, on the command line and on the screens.
 */
export const errors = {
  // Requests
  'request.malformed': {
    status: 400,
    title: 'The request is not valid JSON',
    fix: 'Send a JSON body with the header Content-Type: application/json.',
  },
  'request.invalid': {
    status: 422,
    title: 'Some fields of the request are not valid',
    fix: 'Correct the fields named under issues and send the request again.',
  },
  'request.too_large': {
    status: 413,
    title: 'The request is larger than this call accepts',
    fix: 'Send less than 1 MiB.',
  },
  'request.unsupported_media_type': {
    status: 415,
    title: 'This kind of content is not accepted',
    fix: 'Send JSON with the header Content-Type: application/json.',
  },
  'request.not_found': {
    status: 404,
    title: 'There is nothing at this address',
    fix: 'Check the path against /api/docs.',
  },
  'request.method_not_allowed': {
    status: 405,
    title: 'This address does not take this method',
    fix: 'Check the method against /api/docs.',
  },
  'request.cross_site': {
    status: 403,
    title: 'The request came from another site',
    fix: 'Open the dashboard by its own address. Behind a proxy, pass the Host header on and set TRUSTED_PROXIES.',
  },
  'request.rate_limited': {
    status: 429,
    title: 'Too many attempts in a short time',
    fix: 'Wait until the time given in Retry-After, then try again.',
  },
  'server.bug': {
    status: 500,
    title: 'Something went wrong on the server',
    fix: 'Look for the request id in the server log, and report it if it happens again.',
  },
  'server.upgrading': {
    status: 503,
    title: 'The server upgrades its database',
    fix: 'Wait; it goes on by itself. Its log says each step, and at the end the way back.',
  },
  'server.not_ready': {
    status: 503,
    title: 'The server is starting or stopping',
    fix: 'Try again in a few seconds.',
  },
  'server.not_running': {
    status: 503,
    title: 'No server runs on this data folder',
    fix: 'Start it with `npm start`, or set CARL_URL and CARL_TOKEN to reach another one.',
  },
  'server.no_answer': {
    status: 502,
    title: 'The server did not answer',
    fix: 'Check that the server runs, that its address is right, and what any proxy between says.',
  },
  // Accounts
  'auth.required': { status: 401, title: 'You are not signed in', fix: 'Sign in, or send a valid token.' },
  'auth.wrong_credentials': {
    status: 401,
    title: 'The name or the password is wrong',
    fix: 'Check both and try again. An administrator can reset a password with `carl reset-password` on the machine.',
  },
  'auth.forbidden': {
    status: 403,
    title: 'Your role does not allow this',
    fix: 'Ask an administrator to do it, or to change your role.',
  },
  'auth.setup_done': {
    status: 409,
    title: 'This server already has an administrator',
    fix: 'Sign in instead.',
  },
  'auth.setup_link_invalid': {
    status: 403,
    title: 'This set-up link is not valid',
    fix: 'Use the link in the newest lines of the server log; every start of an unclaimed server prints a new one.',
  },
  'auth.password_too_weak': {
    status: 422,
    title: 'This password is too easy to guess',
    fix: 'Use at least 12 characters that are not a common password; four random words are good.',
  },
  'auth.step_up_required': {
    status: 403,
    title: 'Show first that it is you',
    fix: 'Confirm with your passkey, your authenticator app or your password; it counts for five minutes.',
  },
  'auth.factor_missing': {
    status: 403,
    title: 'You need a second factor first',
    fix: 'Add a passkey or an authenticator app under Settings, Account.',
  },
  'auth.factor_required': {
    status: 409,
    title: 'The settings ask you to have a second factor',
    fix: 'Add another one before you remove this one.',
  },
  'auth.no_factor': {
    status: 409,
    title: 'You have no second factor yet',
    fix: 'Add a passkey or an authenticator app; recovery codes come with it.',
  },
  'auth.password_not_enough': {
    status: 403,
    title: 'A password is not enough here',
    fix: 'Confirm with your passkey or with your authenticator app.',
  },
  'auth.wrong_code': {
    status: 401,
    title: 'This code is wrong or was used already',
    fix: 'Wait for the next code of the app and check the clock of the phone, or use a recovery code.',
  },
  'auth.sign_in_expired': {
    status: 401,
    title: 'This took too long',
    fix: 'Begin again.',
  },
  'auth.passkey_refused': {
    status: 401,
    title: 'This passkey does not open this server',
    fix: 'Choose another passkey, or sign in with your password.',
  },
  'auth.passkeys_unavailable': {
    status: 422,
    title: 'Passkeys do not work at this address',
    fix: 'Open the dashboard by a name over HTTPS, or as localhost; browsers allow no passkey for a bare IP address.',
  },
  'user.not_found': {
    status: 404,
    title: 'There is no user of this name',
    fix: 'Check the spelling; the first administrator is often called admin.',
  },
  'user.name_taken': {
    status: 409,
    title: 'Somebody has this name already',
    fix: 'Choose another name. Capital and small letters make no difference.',
  },
  'user.own_account': {
    status: 409,
    title: 'This is your own account',
    fix: 'Ask another administrator; your own password is changed under Account.',
  },
  'user.last_admin': {
    status: 409,
    title: 'This is the last administrator',
    fix: 'Make somebody else an administrator first.',
  },
  'user.signs_in_elsewhere': {
    status: 409,
    title: 'This user signs in with the identity provider',
    fix: 'Their password is changed there. To keep them out, remove them here or take away their groups there.',
  },
  'user.is_local': {
    status: 409,
    title: 'This user does not come from an identity provider',
    fix: 'Set their role here; there are no groups it could follow.',
  },
  // Single sign-on
  'provider.not_set_up': {
    status: 409,
    title: 'Signing in with an identity provider is not switched on',
    fix: 'Sign in with name and password. An administrator sets a provider up under Settings → Sign-in.',
  },
  'provider.unreachable': {
    status: 502,
    title: 'The identity provider does not answer',
    fix: 'Check that it runs and that this server reaches its address. Name and password work meanwhile, at /login/password.',
  },
  'provider.wrong_issuer': {
    status: 502,
    title: 'At this address there is no such identity provider',
    fix: 'Copy the issuer from the provider exactly as it writes it; below it lies /.well-known/openid-configuration.',
  },
  'provider.not_secure': {
    status: 422,
    title: 'This address is not encrypted',
    fix: 'Give the provider HTTPS: whoever reads or changes what it sends can sign in as anybody.',
  },
  'provider.secret_missing': {
    status: 422,
    title: 'Another provider needs its own client secret',
    fix: 'Enter the secret again, or none for a public client. A stored secret is never sent to another address.',
  },
  'provider.other_address': {
    status: 409,
    title: 'This is not the address that the identity provider leads back to',
    fix: 'Open the dashboard by the address that PUBLIC_URL names, and sign in there.',
  },
  'provider.refused_us': {
    status: 502,
    title: 'The identity provider does not accept this server',
    fix: 'Compare client id and client secret with the provider, then enter the secret again under Settings → Sign-in.',
  },
  'provider.redirect_refused': {
    status: 502,
    title: 'The identity provider does not lead back here',
    fix: 'Register the redirect URI shown under Settings → Sign-in at the provider, letter by letter.',
  },
  'provider.refused_you': {
    status: 403,
    title: 'The identity provider did not let you in',
    fix: 'Sign in there as somebody who may use this application, or ask who looks after the provider.',
  },
  'provider.clock_differs': {
    status: 502,
    title: 'The clocks of this server and of the identity provider differ',
    fix: 'Set both by NTP; a minute of difference is enough for a sign-in to be refused.',
  },
  'provider.not_believed': {
    status: 502,
    title: 'What the identity provider sent cannot be believed',
    fix: 'Sign in again. If it stays, look for the reason in the activity and ask the provider again under Settings → Sign-in.',
  },
  'provider.stale': {
    status: 409,
    title: 'This sign-in was begun in another browser, was used already, or took too long',
    fix: 'Begin again on the sign-in page.',
  },
  'provider.no_access': {
    status: 403,
    title: 'You are known, and have no access here',
    fix: 'Ask an administrator to give one of your groups a role under Settings → Sign-in.',
  },
  'provider.sign_out_invalid': {
    status: 400,
    title: 'This sign-out is not from the identity provider',
    fix: 'Check issuer and client id; the token must be meant for this server.',
  },
  'proxy.not_believed': {
    status: 403,
    title: 'No proxy that is trusted says who you are',
    fix: 'Come through the proxy. TRUSTED_PROXIES must name the address it connects from, and it must send the header of TRUSTED_HEADER_USER.',
  },
  'token.not_found': { status: 404, title: 'There is no such token', fix: 'Reload the list of tokens.' },
  // Schedules
  'schedule.not_found': {
    status: 404,
    title: 'There is no such schedule',
    fix: 'Reload the list of schedules.',
  },
  'schedule.name_taken': {
    status: 409,
    title: 'Another schedule has this name',
    fix: 'Choose another name; documents find a schedule by it.',
  },
  'schedule.document_invalid': {
    status: 422,
    title: 'This is no document of schedules',
    fix: 'Correct what the detail names. The guide on schedules shows every field.',
  },
  'schedule.address_needs_admin': {
    status: 403,
    title: 'Only an administrator names addresses that messages go to',
    fix: 'Name a channel that is set up (notifications: channel: NAME), or let an administrator apply the document.',
  },
  'schedule.changed_meanwhile': {
    status: 409,
    title: 'A schedule was changed meanwhile',
    fix: 'Look at the conflicts again; they may be others by now.',
  },
  // Configuration as code
  'configuration.invalid': {
    status: 422,
    title: 'This is no document of a configuration',
    fix: 'Correct what stands in the lines of the detail. `carl export` shows every field.',
  },
  'configuration.reference_missing': {
    status: 409,
    title: 'It refers to something that is not there',
    fix: 'Make that first, or add its document to the text.',
  },
  'configuration.secret_missing': {
    status: 409,
    title: 'A secret is missing',
    fix: 'Exports never hold secrets. Give it along under the name in the detail (`carl apply --secrets FILE`), or make this by hand.',
  },
  'configuration.not_confirmed': {
    status: 409,
    title: 'Nobody said yes',
    fix: 'Look at the difference with `--dry-run`, then apply it with `--yes`.',
  },
  'configuration.partly_failed': {
    status: 409,
    title: 'Some of it could not be applied',
    fix: 'Each document says why. Correct it and apply the text again; what is applied already is left as it is.',
  },
  // Triggers
  'trigger.not_found': {
    status: 404,
    title: 'There is no such trigger',
    fix: 'Reload the list of triggers. For a webhook, check the address; a new one can be made on the page of the trigger.',
  },
  'trigger.name_taken': {
    status: 409,
    title: 'Another trigger has this name',
    fix: 'Choose another name; documents find a trigger by it.',
  },
  'trigger.no_webhook': {
    status: 409,
    title: 'This trigger is not called by a webhook',
    fix: 'Change what it waits for first.',
  },
  'trigger.signature_invalid': {
    status: 401,
    title: 'This call is not signed as it should be',
    fix: 'Sign the body with the key that was shown with the address, as the guide on triggers says. Check the clock of the machine that sends.',
  },
  // Nodes
  'node.not_found': { status: 404, title: 'There is no such node', fix: 'Reload the list of nodes.' },
  'samples.only_shown': {
    status: 409,
    title: 'This is sample data: it can be looked at, and nothing else',
    fix: 'Add a node of your own. The sample data can be removed at any time.',
  },
  'samples.real_nodes': {
    status: 409,
    title: 'Sample data goes in only while there is no real node',
    fix: 'Nothing is needed: run an agent on one of your nodes instead.',
  },
  'node.name_taken': { status: 409, title: 'Another node has this name', fix: 'Choose another name.' },
  'node.in_use': {
    status: 409,
    title: 'Something still uses this node',
    fix: 'Cancel its executions, or point the nodes that jump through it elsewhere, then try again.',
  },
  'node.jump_loop': {
    status: 422,
    title: 'These jump hosts lead back to the node itself',
    fix: 'Choose a jump host that is reached without this node.',
  },
  'node.none_selected': {
    status: 422,
    title: 'No node matches this selection',
    fix: 'Check the names, globs and tags against the list of nodes.',
  },
  'node.agent_not_allowed': {
    status: 403,
    title: 'This agent is not allowed on this node',
    fix: 'Allow it in the settings of the node, or choose another node.',
  },
  'enrolment.not_possible': {
    status: 422,
    title: 'No block can be written for this',
    fix: 'Choose a key, a user name of small letters, digits, - and _, and addresses as sshd takes them.',
  },
  'credential.not_found': {
    status: 404,
    title: 'There is no such credential',
    fix: 'Reload the list of credentials.',
  },
  'credential.in_use': {
    status: 409,
    title: 'Nodes still use this credential',
    fix: 'Give those nodes another credential first.',
  },
  'credential.name_taken': {
    status: 409,
    title: 'Another credential has this name',
    fix: 'Choose another name.',
  },
  'credential.missing': {
    status: 422,
    title: 'This node has no credential',
    fix: 'Choose a credential for the node, or create one.',
  },
  'credential.quarantined': {
    status: 409,
    title: 'This node refused the credential, so it is not tried again by itself',
    fix: 'Correct the credential, or press Test to try once more.',
  },
  // Keys
  'key.passphrase_required': {
    status: 422,
    title: 'This key is protected by a passphrase',
    fix: 'Enter the passphrase of the key. It is used once and not stored.',
  },
  'key.passphrase_wrong': {
    status: 422,
    title: 'The passphrase does not open this key',
    fix: 'Check the passphrase and try again.',
  },
  'key.is_public': {
    status: 422,
    title: 'This is the public half of a key',
    fix: 'Upload the private key: the file without .pub.',
  },
  'key.hardware': {
    status: 422,
    title: 'This key lives in a hardware token and cannot be used unattended',
    fix: 'Generate a key here, or upload one that does not need a touch.',
  },
  'key.unsupported': {
    status: 422,
    title: 'This kind of key cannot be used',
    fix: 'Convert it with `ssh-keygen -p -Z aes256-ctr -f FILE`, or generate a new ed25519 key here.',
  },
  'key.weak': {
    status: 422,
    title: 'This key is too weak for today',
    fix: 'Use ed25519, ECDSA, or RSA with at least 2048 bits.',
  },
  'key.damaged': {
    status: 422,
    title: 'This key is damaged or incomplete',
    fix: 'Upload the file itself, or paste it whole with its first and last line.',
  },
  'key.unrecognised': {
    status: 422,
    title: 'This does not look like a private key',
    fix: 'Upload a private key in OpenSSH, PEM, PKCS#8 or PuTTY format.',
  },
  'key.not_rotatable': {
    status: 409,
    title: 'There is no SSH key here that could be renewed',
    fix: 'Give the node a credential that is a key; passwords are changed on the node itself.',
  },
  'key.uploaded': {
    status: 409,
    title: 'This key was brought from elsewhere, and somebody else may use it',
    fix: 'Make sure that nobody else logs in with it; then confirm that its line is removed from the node at the end.',
  },
  'key.rotating': {
    status: 409,
    title: 'The SSH key of this node is being renewed',
    fix: 'Wait until the rotation has ended, or take it back, on the Connection page of the node.',
  },
  'key.not_rotating': {
    status: 409,
    title: 'Nothing waits for this step',
    fix: 'Reload the page: the rotation may have gone on or ended.',
  },
  'key.too_late': {
    status: 409,
    title: 'The old key is already being removed',
    fix: 'Let the rotation end, then rotate again if you want another key.',
  },
  'key.not_own': {
    status: 409,
    title: 'The node has no key of its own',
    fix: 'Nothing to do: the key of its credential opens it.',
  },
  'key.cancelled': {
    status: 409,
    title: 'The rotation was taken back',
    fix: 'Nothing to do: the old key is in force. Rotate again whenever you like.',
  },
  'key.edit_failed': {
    status: 502,
    title: 'The file of authorized keys could not be changed',
    fix: 'Check that the file and its folder can be written by the user that logs in, and that the disk is not full.',
  },
  'key.edit_raced': {
    status: 409,
    title: 'Somebody else changed the file of authorized keys at the same moment',
    fix: 'Nothing to do: it is tried again by itself.',
  },
  'key.by_hand': {
    status: 409,
    title: 'The line has to be put onto the node by hand',
    fix: 'Do on the node what the Connection page of the node shows, and confirm it there.',
  },
  'key.new_refused': {
    status: 502,
    title: 'The node does not accept the new key',
    fix: 'Check that the new line is in authorized_keys as one line, and that the SSH server of the node knows ed25519.',
  },
  'key.new_lost': {
    status: 502,
    title: 'The node no longer accepts the new key',
    fix: 'Somebody may have removed its line from authorized_keys. Rotate again when it is clear why.',
  },
  'key.old_still_works': {
    status: 502,
    title: 'The node still accepts the old key',
    fix: 'Remove every line with the old key on the node, also from files named by AuthorizedKeysFile in sshd_config.',
  },
  'key.shared_account': {
    status: 409,
    title: 'Another node logs in to the same account with the old key',
    fix: 'Rotate the key of the other node as well: then the old line goes by itself.',
  },
  // Agents and executions
  'repository.not_found': {
    status: 404,
    title: 'There is no such repository',
    fix: 'Reload the list of backups.',
  },
  'repository.exists': {
    status: 409,
    title: 'This repository is in the list already',
    fix: 'Open it there, and replace its secret if that is what you want.',
  },
  'repository.too_many': {
    status: 409,
    title: 'This node has as many repositories as it can have',
    fix: 'Forget those that are gone.',
  },
  'repository.no_secret': {
    status: 422,
    title: 'Nothing opens backups of this kind with a password',
    fix: 'Leave the password out: only restic, Borg, Kopia and duplicity take one.',
  },
  'agent.not_found': { status: 404, title: 'There is no such agent', fix: 'Reload the list of agents.' },
  'agent.manifest_invalid': {
    status: 422,
    title: 'The manifest of this agent is not valid',
    fix: 'Correct agent.yaml as the detail says.',
  },
  'agent.exists': {
    status: 409,
    title: 'There is an agent of this name',
    fix: 'Choose another name, or remove its folder first.',
  },
  'agent.name_invalid': {
    status: 422,
    title: 'An agent cannot be called that',
    fix: 'Use lower-case words joined by hyphens, for example big-logs.',
  },
  'agent.no_python': {
    status: 503,
    title: 'No Python is installed here',
    fix: 'Install Python 3.8 or newer on this machine, or run the command on one that has it.',
  },
  'agent.options_invalid': {
    status: 422,
    title: 'Some options of the agent are not valid',
    fix: 'Correct the options named under issues.',
  },
  'rejection.not_found': {
    status: 404,
    title: 'This rejection is not remembered any more',
    fix: 'Reload the list of rejections.',
  },
  'plan.not_found': {
    status: 404,
    title: 'There is no such plan',
    fix: 'Look under Approvals; plans go with their execution when it is old enough.',
  },
  'plan.decided': {
    status: 409,
    title: 'This was decided already',
    fix: 'Open the plan again to see who decided what.',
  },
  'plan.expired': {
    status: 409,
    title: 'This plan is too old',
    fix: 'Run the agent again; a fresh look gives a fresh plan.',
  },
  'plan.superseded': {
    status: 409,
    title: 'Things have changed since this plan',
    fix: 'Open the newest plan, or run the agent again.',
  },
  'plan.name_not_typed': {
    status: 422,
    title: 'The name was not typed as it is',
    fix: 'Type the name of what is to be removed, exactly.',
  },
  'plan.same_person': {
    status: 403,
    title: 'A second person has to approve this',
    fix: 'Ask somebody else who may approve changes; the settings ask for two people.',
  },
  'plan.needs_admin': {
    status: 403,
    title: 'Only an administrator may approve what cannot be taken back',
    fix: 'Ask an administrator, or leave those changes out.',
  },
  'plan.no_trash_room': {
    status: 409,
    title: 'There is no room in the trash of this node',
    fix: 'Approve less at a time, discard what was set aside earlier, or raise the limit under Settings, General.',
  },
  'trash.not_found': {
    status: 404,
    title: 'There is no such entry in the trash',
    fix: 'Look at the list of the trash again.',
  },
  'trash.gone': {
    status: 409,
    title: 'This cannot be brought back any more',
    fix: 'Its time is over, or it was restored already; see what the history of the object says.',
  },
  'policy.not_found': {
    status: 404,
    title: 'There is no such policy',
    fix: 'Look at the list of policies again.',
  },
  'policy.too_risky': {
    status: 422,
    title: 'This kind of change is never approved without asking',
    fix: 'Approve such changes one by one; only what can be taken back may be approved in advance.',
  },
  'execution.not_found': {
    status: 404,
    title: 'There is no such execution',
    fix: 'Reload the list of executions.',
  },
  'execution.finished': {
    status: 409,
    title: 'This execution has already finished',
    fix: 'Nothing to do: look at its report.',
  },
  'execution.no_report': {
    status: 404,
    title: 'This execution has no report',
    fix: 'A report exists once the agent has delivered its result; look at the outcome and the log.',
  },
  'execution.agent_failed': {
    status: 500,
    title: 'The agent stopped with an error',
    fix: 'Read the last lines of the log; the traceback names the line.',
  },
  'execution.protocol_broken': {
    status: 500,
    title: 'The agent broke the protocol',
    fix: 'Look at the log for what it sent, and at agents/README.md for what it may send.',
  },
  'execution.timed_out': {
    status: 500,
    title: 'The agent did not finish in time and was stopped',
    fix: 'Raise the time limit of the execution, or find what hangs in the timeline.',
  },
  'execution.lost': {
    status: 500,
    title: 'The link to the agent was lost and it could not be found again',
    fix: 'Check that the node is up, then run the agent again. Nothing of it is left running.',
  },
  'execution.node_full': {
    status: 507,
    title: 'The node has no room left for the run',
    fix: 'Free space on the node where runs lie, in the XDG_RUNTIME_DIR of its user, /dev/shm or /tmp; then run it again.',
  },
  'finding.not_found': {
    status: 404,
    title: 'There is no such finding',
    fix: 'Reload the list of findings.',
  },
  // Reaching a node
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
  // Starting on a node
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
  // Asking a model
  'ai.off': {
    status: 409,
    title: 'No model is chosen',
    fix: 'Choose who is asked under Settings, AI, and save.',
  },
  'ai.too_many_questions': {
    status: 409,
    title: 'This report has as many questions as it may have',
    fix: 'Read the answers that are there, or run the agent again and ask about the new report.',
  },
  'ai.call_not_found': {
    status: 404,
    title: 'There is no such call to a model',
    fix: 'Calls are kept as long as executions; this one may be older.',
  },
  // Costs
  'call.not_found': { status: 404, title: 'There is no such call', fix: 'Reload the list of calls.' },
  'price.not_found': {
    status: 404,
    title: 'There is no price of yours for this model',
    fix: 'Reload the list of prices.',
  },
  'call.not_held': {
    status: 409,
    title: 'The bill of this call is known already',
    fix: 'Reload the list of calls.',
  },
  // The server's own house
  'vault.wrong_key': {
    status: 500,
    title: 'The master key does not fit this database',
    fix: 'Start with the key this database was encrypted with.',
  },
  'vault.key_unusable': {
    status: 500,
    title: 'The master key cannot be read',
    fix: 'Check MASTER_KEY_FILE or MASTER_KEY_COMMAND; a key is 32 random bytes in base64 or hex.',
  },
  'vault.damaged': {
    status: 500,
    title: 'A stored secret cannot be opened',
    fix: 'Enter the secret again, or restore a backup.',
  },
  'vault.sealed': {
    status: 503,
    title: 'This server is sealed',
    fix: 'Open it with its passphrase: on its page in the browser, or with `carl unseal` on its machine.',
  },
  'vault.not_sealed': {
    status: 409,
    title: 'This server is not sealed',
    fix: 'Nothing has to be done: sign in.',
  },
  'vault.wrong_passphrase': {
    status: 403,
    title: 'The passphrase does not open this server',
    fix: 'Check it and try again. If it is lost, the recovery kit holds the key: see the guide on keys.',
  },
  'vault.passphrase_weak': {
    status: 422,
    title: 'This passphrase is too easy to guess',
    fix: 'Take five or more words that nobody would put together.',
  },
  'vault.rotation_running': {
    status: 409,
    title: 'The master key is being changed already',
    fix: 'Wait until it is done; Settings, Keys shows how far it is.',
  },
  'vault.key_elsewhere': {
    status: 409,
    title: 'This server does not keep its key itself',
    fix: 'Change it where it is kept, or start once without MASTER_KEY_FILE and MASTER_KEY_COMMAND and with the key in keys/master.key.',
  },
  'vault.no_next_key': {
    status: 409,
    title: 'There is no new master key to change to',
    fix: 'Put a new key on a second line after the one in use, where MASTER_KEY_FILE or MASTER_KEY_COMMAND gets it, and try again.',
  },
  'storage.locked': {
    status: 503,
    title: 'Another server already uses this data folder',
    fix: 'Stop the other server, or give this one a data folder of its own.',
  },
  'storage.busy': {
    status: 503,
    title: 'Another program holds the database',
    fix: 'End what else has core.db open, such as sqlite3, and try again. Nothing was changed.',
  },
  'storage.network_filesystem': {
    status: 500,
    title: 'The data folder lies on a network file system',
    fix: 'Put the data folder on a local disk. ALLOW_NETWORK_STORAGE=1 goes on at your own risk.',
  },
  'storage.sqlite_too_old': {
    status: 500,
    title: 'The SQLite library is older than this server needs',
    fix: 'Install the dependencies again with npm ci.',
  },
  'storage.newer_schema': {
    status: 500,
    title: 'This data folder was written by a newer version',
    fix: 'Start the newer version, or restore a backup made with this one.',
  },
  'storage.no_room_to_upgrade': {
    status: 507,
    title: 'There is too little room to upgrade the database safely',
    fix: 'Free space in the data folder and start again, or go on with the version before.',
  },
  'storage.damaged': {
    status: 500,
    title: 'The database is damaged',
    fix: 'Stop the server and restore the newest backup; the damaged file is kept.',
  },
  'storage.failing': {
    status: 503,
    title: 'The disk of the server fails',
    fix: 'Look at the disk and its system log, then restart the server; what was acknowledged is kept.',
  },
  'storage.full': {
    status: 507,
    title: 'The disk of the server is nearly full',
    fix: 'Free space in the data folder or shorten the retention; running executions end normally.',
  },
  'storage.not_writable': {
    status: 500,
    title: 'The data folder cannot be written',
    fix: 'Give the user of the server write access to the data folder.',
  },
  // Backups of the server itself
  'own-backup.running': {
    status: 409,
    title: 'A backup or a drill is under way',
    fix: 'Wait until it has ended, or cancel it.',
  },
  'own-backup.none': {
    status: 409,
    title: 'There is no backup yet',
    fix: 'Make one first.',
  },
  'own-backup.not_found': {
    status: 404,
    title: 'There is no such backup in the data folder',
    fix: 'Reload the list; only some of each week and month are kept.',
  },
  'own-backup.cancelled': {
    status: 409,
    title: 'It was cancelled',
    fix: 'Start it again when it suits.',
  },
  'own-backup.place_not_found': {
    status: 404,
    title: 'There is no such place for backups',
    fix: 'Reload the list of places.',
  },
  'own-backup.too_many_places': {
    status: 409,
    title: 'There are as many places as there may be',
    fix: 'Remove one first.',
  },
  'own-backup.secret_missing': {
    status: 422,
    title: 'This place needs something that opens it',
    fix: 'Enter the password or the private key for SFTP, or the secret access key for S3.',
  },
  'own-backup.host_key_unknown': {
    status: 409,
    title: 'The host key of this SFTP server is not confirmed yet',
    fix: 'Compare the fingerprint with the one the server itself shows, and confirm it.',
  },
  'own-backup.place_refused': {
    status: 502,
    title: 'The place for backups did not work',
    fix: 'Check address, folder, rights and free space there, then test the place again.',
  },
  'restore.no_key': {
    status: 422,
    title: 'There is no key in what was given as the recovery kit',
    fix: 'Give the whole text of the kit, or the line with the master key: 44 characters that end with =.',
  },
  'restore.not_a_backup': {
    status: 422,
    title: 'This file is no backup of Carl',
    fix: 'Choose a file whose name ends with .carl, or a snapshot from before an upgrade.',
  },
  'restore.wrong_key': {
    status: 422,
    title: 'This recovery kit does not open this backup',
    fix: 'Use the kit with the four digits that are named. A backup from before a change of the key needs the kit from before.',
  },
  'restore.damaged': {
    status: 422,
    title: 'This backup is damaged',
    fix: 'Take another copy of it, or the backup of the day before.',
  },
  'restore.data_there': {
    status: 409,
    title: 'There is a database in the data folder already',
    fix: 'Restore into an empty folder, or add --replace: what is there is then moved aside, not removed.',
  },
  'restore.ticket_invalid': {
    status: 409,
    title: 'This restore is over or was begun anew',
    fix: 'Begin again with the backup and the recovery kit.',
  },
  'audit.broken': {
    status: 500,
    title: 'The audit trail was tampered with',
    fix: 'Keep the data folder as it is, and compare the trail with a backup from before.',
  },
  // Notifications
  'channel.not_found': {
    status: 404,
    title: 'There is no such channel',
    fix: 'Reload the list of channels.',
  },
  'channel.name_taken': { status: 409, title: 'Another channel has this name', fix: 'Choose another name.' },
  'channel.secret_missing': {
    status: 422,
    title: 'This channel needs something that is kept secret',
    fix: 'Enter the fields that are named. Whoever changes where a channel goes has to enter its secrets again.',
  },
  'channel.fallback_loop': {
    status: 422,
    title: 'These channels would stand in for each other for ever',
    fix: 'Choose another channel to stand in, or none.',
  },
  'channel.refused': {
    status: 502,
    title: 'The other side did not take the message',
    fix: 'Check address, token and rights of the channel, then test it again.',
  },
  'channel.busy': {
    status: 502,
    title: 'The other side is busy or out of order',
    fix: 'Nothing has to be done: it is tried again.',
  },
  'channel.no_browser': {
    status: 409,
    title: 'No browser has asked to be woken',
    fix: 'Open the dashboard where you want the messages, and switch them on under Settings → Notifications.',
  },
  'channel.not_secure': {
    status: 502,
    title: 'The other side offers no encryption',
    fix: 'Switch TLS on there, or choose no encryption for this channel if the network is yours.',
  },
  'delivery.not_found': {
    status: 404,
    title: 'There is no such message',
    fix: 'Reload the list of messages.',
  },
  // What the server sends by itself
  'outgoing.url_not_allowed': {
    status: 422,
    title: 'This address is not one that the server sends requests to',
    fix: 'Use an address like https://host/path, with a port that web servers have and no password in it.',
  },
  'outgoing.address_not_allowed': {
    status: 403,
    title: 'The address leads to the server itself or to no ordinary place',
    fix: 'If that is what you want, allow this very host under Settings → What we talk to.',
  },
  'outgoing.home_not_allowed': {
    status: 403,
    title: 'The address is in a network of yours, and it was a node that named it',
    fix: 'If you know this host, allow it under Settings → What we talk to.',
  },
  'outgoing.host_not_listed': {
    status: 403,
    title: 'The server may only talk to hosts that are allowed by name',
    fix: 'Allow this host under Settings → What we talk to.',
  },
  'outgoing.name_not_found': {
    status: 502,
    title: 'The name was not found',
    fix: 'Check the spelling, and the DNS of the server.',
  },
  'outgoing.no_answer': {
    status: 502,
    title: 'The other side did not answer as it should',
    fix: 'Check that it runs, its address and port, and the network between.',
  },
  'outgoing.not_trusted': {
    status: 502,
    title: 'The certificate of the other side is not trusted',
    fix: 'Renew it, or start the server with NODE_EXTRA_CA_CERTS set to a file with the certificate of your own authority.',
  },
  'outgoing.too_slow': {
    status: 504,
    title: 'The other side took too long',
    fix: 'Check that it runs and is not overloaded, then try again.',
  },
  'outgoing.answer_too_large': {
    status: 502,
    title: 'The other side sent more than is taken',
    fix: 'Check that the address is the right one.',
  },
  'config.invalid': {
    status: 500,
    title: 'The configuration is not valid',
    fix: 'Correct the environment variable named in the detail.',
  },
  'config.port_taken': {
    status: 500,
    title: 'The port is already in use',
    fix: 'Stop the other program, or set PORT to a free one.',
  },
} as const satisfies Record<string, ErrorMeaning>

export type ErrorCode = keyof typeof errors
export const errorCode = z.enum(Object.keys(errors) as [ErrorCode, ...ErrorCode[]])

/** One field that is wrong: where (`options.keepLast`) and why. */
export const issue = z.object({ path: z.string(), message: z.string() })
export type Issue = z.infer<typeof issue>

/** What went wrong, in words. `detail` is about this case; `title` and `fix` come with the code. */
export const problem = z
  .object({
    code: errorCode,
    title: z.string(),
    detail: z.string(),
    fix: z.string(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof problem>

/** The one error shape of the API. `issues` is there for invalid fields, `retryAt` where waiting helps. */
export const errorReply = z
  .object({
    error: problem.extend({
      requestId: z.string(),
      issues: z.array(issue).optional(),
      retryAt: z.string().optional(),
    }),
  })
  .meta({ id: 'Error' })
export type ErrorReply = z.infer<typeof errorReply>

/** Puts the words of the catalogue to a code. An empty detail falls back to the title. */
export function toProblem(code: ErrorCode, detail = ''): Problem {
  const { title, fix } = errors[code]
  return { code, title, detail: detail || `${title}.`, fix }
}
