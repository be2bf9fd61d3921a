import type { ErrorCatalogue } from './meaning.ts'

/** The master key and what it seals. */
export const vaultErrors = {
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
} as const satisfies ErrorCatalogue
