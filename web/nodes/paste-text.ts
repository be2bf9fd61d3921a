/** What is pasted on a node to let Carl in. */
export interface PasteWish {
  /** One line as in authorized_keys. */
  readonly publicKey: string
  readonly username: string
  /** Address of this server as the node sees it; empty for any. */
  readonly from: string
  /** Other nodes are reached through this one, so it has to forward. */
  readonly isJump: boolean
  /** A sudoers file; empty for none. */
  readonly sudoers: string
}

/** Names that useradd takes everywhere, and that mean nothing to a shell. */
export const isPlainUser = (username: string): boolean => /^[a-z_][a-z0-9_-]{0,31}$/.test(username)

/** Addresses and globs as sshd knows them in `from=`; nothing that could end the quotes around. */
export const isPlainFrom = (from: string): boolean => /^[A-Za-z0-9.:*?/,_-]*$/.test(from)

/** Key lines are ours, yet whatever goes to a root shell is looked at first. */
const isPlainKey = (key: string): boolean =>
  /^[A-Za-z0-9@._-]+ [A-Za-z0-9+/=]+( [A-Za-z0-9@._+ -]*)?$/.test(key)

/** Only the type and the key itself: the remark behind may be anything. */
const withoutRemark = (key: string): string => key.trim().split(' ').slice(0, 2).join(' ')

/**
 * A block for a root shell that makes a user, lets in one key and writes the sudo rules. It may be pasted twice. Null
 * when something in it could mean more than it says.
 */
export function toPasteText({ publicKey, username, from, isJump, sudoers }: PasteWish): string | null {
  const key = withoutRemark(publicKey)
  if (!isPlainUser(username) || !isPlainFrom(from) || !isPlainKey(key) || /^CARL$/m.test(sudoers)) return null
  const options = ['restrict', isJump && 'port-forwarding', from && `from="${from}"`]
    .filter(Boolean)
    .join(',')
  const isRoot = username === 'root'
  const home = isRoot ? '/root' : `/home/${username}`
  const lines = [
    ...(isRoot
      ? []
      : [
          // A locked account lets nobody in, not even by key; one without a password does.
          `id ${username} >/dev/null 2>&1 || useradd --create-home --shell /bin/sh ${username}`,
          `usermod -p '*' ${username}`,
        ]),
    `KEY='${options} ${key} carl'`,
    `install -d -m 700 -o ${username} -g ${username} ${home}/.ssh`,
    // What is there already stays: on a machine in use the file may hold other keys.
    `grep -qxF "$KEY" ${home}/.ssh/authorized_keys 2>/dev/null || echo "$KEY" >> ${home}/.ssh/authorized_keys`,
    `chmod 600 ${home}/.ssh/authorized_keys`,
    `chown ${username}:${username} ${home}/.ssh/authorized_keys`,
    ...(sudoers && !isRoot ? sudoersLines(sudoers, username) : []),
  ]
  return `${lines.join('\n')}\n`
}

/** Checked before it is put in place: a sudoers file with a mistake shuts everybody out of sudo. */
const sudoersLines = (sudoers: string, username: string): string[] => [
  'RULES=$(mktemp)',
  `cat > "$RULES" <<'CARL'`,
  sudoers.trimEnd(),
  'CARL',
  `visudo -cf "$RULES" && install -m 440 -o root -g root "$RULES" /etc/sudoers.d/${username}`,
  'rm -f "$RULES"',
]

/** How to undo all of it. Null where nothing was made. */
export const toUndoText = (username: string): string | null =>
  isPlainUser(username) && username !== 'root'
    ? `rm -f /etc/sudoers.d/${username}\nuserdel --remove ${username}\n`
    : null
