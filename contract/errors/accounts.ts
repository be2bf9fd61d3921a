import type { ErrorCatalogue } from './meaning.ts'

/** Signing in, second factors and users. */
export const accountErrors = {
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
} as const satisfies ErrorCatalogue
