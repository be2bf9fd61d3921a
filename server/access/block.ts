import { formatAuthorizedKey, type KeyOption } from '../ssh/authorized-keys.ts'
import { type AllowedBundle, allowList, gateCommand, gateFolder, gateHead, gateProgram } from '../ssh/gate.ts'

export interface PublicKey {
  readonly type: string
  readonly blob: string
  readonly comment: string
}

/** All that the block to paste is made of. */
export interface BlockOrder {
  readonly username: string
  /** One, or two while a key is renewed. */
  readonly keys: readonly PublicKey[]
  readonly from: string
  readonly isJump: boolean
  /** Lets the gate, and nothing else, be started as root. */
  readonly asRoot: boolean
  /** Rules of sudo for single commands; empty for none. */
  readonly sudoers: string
  readonly bundles: readonly AllowedBundle[]
}

/** The lines for authorized_keys: our gate is started, from our address, and nothing is forwarded. */
export function keyLines({ username, keys, from, isJump }: BlockOrder): string[] {
  const options: KeyOption[] = [
    { name: 'restrict', value: null },
    ...(isJump ? [{ name: 'port-forwarding', value: null }] : []),
    ...(from ? [{ name: 'from', value: from }] : []),
    { name: 'command', value: gateCommand(username) },
  ]
  return keys.map((key) => formatAuthorizedKey({ options, ...key }))
}

/** Ends every text that travels in the block. No text of ours or of an agent holds it as a line. */
const end = 'CARL'

/**
 * The block for a root shell of the node. It can be pasted again: what is in order stays untouched, what is not is
 * brought up to date. It names whatever it writes, and whatever it writes is removed by `removalOf`.
 */
export function blockOf(order: BlockOrder): string {
  const { username } = order
  const isRoot = username === 'root'
  const folder = gateFolder(username)
  const rules = rulesOf(order)
  return `# Lets Claude Agent Runner Lite in as ${username}, to start this and nothing else: ${namesOf(order.bundles)}.
# For a root shell. It may be pasted again: it changes only what is not as it should be.
sh -eu <<'PASTE'
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin:/usr/pkg/bin:/run/current-system/sw/bin
umask 022
[ "$(id -u)" = 0 ] || { echo 'Nothing was done: this is no root shell.' >&2; exit 1; }
for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python3.8; do
  python=$(command -v "$name") && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' && break
  python=
done
[ "$python" ] || { echo 'Nothing was done: there is no Python 3.8 or newer.' >&2; exit 1; }
# Writes standard input to a file, if that says anything else now.
put() {
  cat >"$1.new"
  chmod "$2" "$1.new"
  if [ -f "$1" ] && [ "$(cat "$1")" = "$(cat "$1.new")" ]; then rm "$1.new"; else mv "$1.new" "$1" && echo "wrote $1"; fi
  chmod "$2" "$1"
}

# 1. The gate: what may be started. It belongs to root, so ${isRoot ? 'only root can change it' : `${username} cannot change it`}.
mkdir -p ${folder}
{ cat <<'${end}'
${gateHead}${end}
echo "exec $python -I -S -B -u ${folder}/gate.py"; } | put ${folder}/gate 755
put ${folder}/gate.py 644 <<'${end}'
${gateProgram}${end}
put ${folder}/allowed 644 <<'${end}'
${allowList(order.bundles)}${end}
${isRoot ? '' : userLines(username, folder)}${isRoot ? '' : sudoLines(rules, username)}
# ${isRoot ? 2 : 4}. The key. Other keys of ${username} stay as they are; older lines of this one are replaced.
${asUser(username)} '
  umask 077
  mkdir -p ~/.ssh && cd ~/.ssh || exit
  [ -e authorized_keys ] || : >authorized_keys
  { grep -vF ${ourLines(order.keys)} authorized_keys; cat; } >authorized_keys.new
  if [ "$(sort authorized_keys)" = "$(sort authorized_keys.new)" ]; then rm authorized_keys.new; exit; fi
  mv authorized_keys.new authorized_keys && echo "let the key in"
' <<'${end}'
${keyLines(order).join('\n')}
${end}
if command -v restorecon >/dev/null; then restorecon -R ${folder} ~${username}/.ssh; fi
echo 'Done: Carl may start this here: ${namesOf(order.bundles)}.'
PASTE
`
}

/** One line for a root shell that takes back all that the block made. Other keys and a user who was there before stay. */
export function removalOf({ username, keys }: Pick<BlockOrder, 'username' | 'keys'>): string {
  const folder = gateFolder(username)
  const forget = `cd ~/.ssh && umask 077 && { grep -vF ${ourLines(keys)} authorized_keys || :; } >authorized_keys.new && mv authorized_keys.new authorized_keys`
  const forgetUser = `pkill -KILL -u ${username} || :; if command -v userdel >/dev/null; then userdel -rf ${username} 2>/dev/null; else deluser --remove-home ${username}; fi`
  const steps = [
    username === 'root'
      ? `${asUser(username)} '${forget}'`
      : `rm -f /etc/sudoers.d/${username}; if [ -e ${folder}/made-user ]; then ${forgetUser}; else ${asUser(username)} '${forget}'; fi`,
    `rm -rf ${folder}`,
    'rmdir /usr/local/lib/carl 2>/dev/null || :',
  ]
  return steps.join('; ')
}

const asUser = (username: string): string =>
  username === 'root' ? 'HOME=~root sh -c' : `su -s /bin/sh ${username} -c`

/** What our lines are known by: the keys themselves, and the remark of an older one. */
const ourLines = (keys: readonly PublicKey[]): string =>
  [...new Set(keys.flatMap(({ blob, comment }) => [blob, ` ${comment}`]))]
    .map((text) => `-e "${text}"`)
    .join(' ')

const namesOf = (bundles: readonly AllowedBundle[]): string =>
  bundles.map(({ name }) => name).join(', ') || 'the connection test'

/** A locked account lets nobody in, not even by key; one with an impossible password does. */
const userLines = (username: string, folder: string): string => `
# 2. The user, without a password.
if ! id ${username} >/dev/null 2>&1; then
  if command -v useradd >/dev/null; then
    useradd --system --create-home --home-dir /var/lib/${username} --shell /bin/sh ${username}
  else
    adduser -S -D -h /var/lib/${username} -s /bin/sh ${username}
  fi
  echo '${username}:*' | chpasswd -e
  touch ${folder}/made-user
  echo 'made the user ${username}'
fi
`

/** Checked before it is put in place: a sudoers file with a mistake shuts everybody out of sudo. */
const sudoLines = (rules: string, username: string): string =>
  rules === ''
    ? `
# 3. No rules for sudo.
rm -f /etc/sudoers.d/${username}
`
    : `
# 3. The rules for sudo, checked before they count.
if command -v visudo >/dev/null; then
  rules=$(mktemp)
  cat >"$rules" <<'${end}'
${rules}${end}
  visudo -cf "$rules" >/dev/null || { rm "$rules"; exit 1; }
  put /etc/sudoers.d/${username} 440 <"$rules"
  rm "$rules"
else
  echo 'There is no sudo here, so no rules were written.'
fi
`

function rulesOf({ username, asRoot, sudoers }: BlockOrder): string {
  if (!asRoot) return sudoers
  const gate = gateCommand(username)
  return [
    `Defaults!${gate} env_keep += "SSH_ORIGINAL_COMMAND"`,
    `${username} ALL=(root) NOPASSWD: ${gate} ""`,
    '',
  ].join('\n')
}
