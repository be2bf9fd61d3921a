import type { ErrorCatalogue } from './meaning.ts'

/** Reading a key, and renewing the one of a node. */
export const keyErrors = {
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
} as const satisfies ErrorCatalogue
