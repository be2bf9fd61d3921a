export const account = {
  signIn: 'Sign in',
  signInTitle: 'Welcome back',
  name: 'Name',
  password: 'Password',
  signingIn: 'Signing in…',
  signedOut: 'Your session is over. Sign in to go on where you were.',
  forgotten: 'Password forgotten? On the machine of the server: carl reset-password NAME',
  linkTitle: 'Signing you in…',
  linkMissing: 'This address lacks its token. Open the whole link.',
  linkUsed: 'This link was used already or is too old. Make a new one.',
  toSignIn: 'To the sign-in page',
}
