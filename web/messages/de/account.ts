import type { Messages } from '../../lib/messages.ts'

export const account: Messages['account'] = {
  signIn: 'Anmelden',
  signInTitle: 'Willkommen zurück',
  name: 'Name',
  password: 'Passwort',
  signingIn: 'Melde an …',
  signedOut: 'Deine Sitzung ist zu Ende. Melde dich an, dann geht es weiter, wo du warst.',
  forgotten: 'Passwort vergessen? Auf der Maschine des Servers: carl reset-password NAME',
  linkTitle: 'Du wirst angemeldet …',
  linkMissing: 'Dieser Adresse fehlt ihr Token. Öffne den ganzen Link.',
  linkUsed: 'Dieser Link wurde schon benutzt oder ist zu alt. Erzeuge einen neuen.',
  toSignIn: 'Zur Anmeldung',
}
