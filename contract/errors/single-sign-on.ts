import type { ErrorCatalogue } from './meaning.ts'

/** Signing in by the word of an identity provider or of a proxy. */
export const singleSignOnErrors = {
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
    fix: 'Sign in again. If it stays, look for the reason in the audit trail and ask the provider again under Settings → Sign-in.',
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
} as const satisfies ErrorCatalogue
