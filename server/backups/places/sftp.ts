import type { PlaceSettings } from '../../../contract/own-backups.ts'
import { Secret } from '../../lib/secret.ts'
import type { OutgoingSocket } from '../../outgoing/outgoing.ts'
import { type SftpFolder, withSftp } from '../../ssh/sftp.ts'
import type { Login } from '../../ssh/transport.ts'
import type { Place } from './place.ts'

/** A folder of an SFTP server; a connection for each thing that is done there. */
export function createSftpPlace(
  settings: Extract<PlaceSettings, { kind: 'sftp' }>,
  secret: Secret,
  connect: OutgoingSocket,
): Place {
  const { host, port, username, folder, hostKey } = settings

  const use = <Result>(signal: AbortSignal, work: (files: SftpFolder) => Promise<Result>): Promise<Result> =>
    connect(
      { host, port },
      (socket, inTime) =>
        withSftp(
          socket,
          {
            username,
            login: toLogin(secret),
            folder,
            isTrusted: ({ fingerprint }) => fingerprint === hostKey,
            signal: inTime,
          },
          work,
        ),
      signal,
    )

  return {
    list: (signal) => use(signal, (files) => files.list()),
    put: (name, file, onBytes, signal) => use(signal, (files) => files.put(name, file, onBytes)),
    get: (name, file, onBytes, signal) => use(signal, (files) => files.get(name, file, onBytes)),
    remove: (name, signal) => use(signal, (files) => files.remove(name)),
  }
}

/** A private key is told from a password by how it begins. */
function toLogin(secret: Secret): Login {
  const isKey = secret.reveal().trimStart().startsWith('-----BEGIN ')
  return isKey
    ? { kind: 'key', privateKey: new Secret(`${secret.reveal().trim()}\n`) }
    : { kind: 'password', password: secret }
}
