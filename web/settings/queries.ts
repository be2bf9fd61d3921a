import { api } from '../lib/api.ts'
import { query } from '../lib/query.ts'

export const settingsQuery = query(['settings', 'get'], api.settings.get, {})
export const outgoingQuery = query(['outgoing', 'list'], api.outgoing.list, {})
export const notificationsQuery = query(['notifications', 'get'], api.notifications.get, {})
export const pushKeyQuery = query(['notifications', 'push'], api.notifications.pushKey, {})
export const metricsTokenQuery = query(['metricsToken', 'get'], api.metricsToken.get, {})
export const sessionsQuery = query(['account', 'sessions'], api.account.sessions, {})
export const usersQuery = query(['users', 'list'], api.users.list, {})
export const tokensQuery = query(['account', 'tokens'], api.account.tokens, {})
export const versionQuery = query(['system', 'version'], api.system.version, {})
export const providerQuery = query(['provider', 'get'], api.provider.get, {})
export const trialQuery = query(['provider', 'trial'], api.provider.trial, {})
export const ownBackupsQuery = query(['ownBackups', 'get'], api.ownBackups.get, {})
export const masterKeyQuery = query(['masterKey', 'status'], api.masterKey.status, {})
