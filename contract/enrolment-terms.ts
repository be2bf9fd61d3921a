/** Names that useradd takes everywhere, and that mean nothing to a shell. */
export const isPlainUser = (username: string): boolean => /^[a-z_][a-z0-9_-]{0,31}$/.test(username)

/** Addresses and globs as sshd knows them in `from=`; nothing that could end the quotes around. */
export const isPlainFrom = (from: string): boolean => /^[A-Za-z0-9.:*?/,_-]*$/.test(from)
