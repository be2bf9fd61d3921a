import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import ssh2 from 'ssh2'
import { fail } from '../lib/errors.ts'
import type { Secret } from '../lib/secret.ts'
import { createWireReader, mpint, string, uint32 } from '../vault/ssh-wire.ts'

/** Numbers of the agent protocol: draft-ietf-sshm-ssh-agent, section 6. */
const says = { failure: 5, identities: 12, signature: 14 } as const
const asks = { identities: 11, signature: 13 } as const
const rsaFlags = { sha256: 2, sha512: 4 } as const
/** A request is small; what claims to be larger is not one. */
const longestRequest = 262_144

export interface KeyAgent {
  /** Public half, as authorized_keys has it. */
  readonly publicLine: string
  close(): void
}

/**
 * An ssh-agent in this process with one key, on a socket that only this user may open: the private key is never on
 * disk. It lists and signs, and says no to everything else, extensions included.
 */
export async function serveKey(privateKey: Secret, socketPath: string): Promise<KeyAgent> {
  const parsed = ssh2.utils.parseKey(privateKey.reveal())
  if (parsed instanceof Error) throw fail('key.damaged', { cause: parsed })
  const { type } = parsed
  const blob = parsed.getPublicSSH()
  const key = createPrivateKey(parsed.getPrivatePEM())
  const sockets = new Set<Socket>()

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    // ssh hangs up when it has what it wants.
    socket.on('error', () => socket.destroy())
    let held = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      while (held.length >= 4) {
        const length = held.readUInt32BE()
        if (length > longestRequest) return void socket.destroy()
        if (held.length < 4 + length) return
        socket.write(string(reply(held.subarray(4, 4 + length))))
        held = held.subarray(4 + length)
      }
    })
  })

  function reply(request: Buffer): Buffer {
    try {
      if (request[0] === asks.identities) {
        return Buffer.concat([Buffer.from([says.identities]), uint32(1), string(blob), string('')])
      }
      if (request[0] === asks.signature) {
        const reader = createWireReader(request.subarray(1))
        const [wanted, octets, flags] = [reader.string(), reader.string(), reader.uint32()]
        if (wanted.equals(blob)) {
          return Buffer.concat([Buffer.from([says.signature]), string(signatureOf(key, type, octets, flags))])
        }
      }
    } catch {
      // A request that makes no sense gets the same answer as one we do not know.
    }
    return Buffer.from([says.failure])
  }

  server.listen(socketPath)
  await once(server, 'listening')
  chmodSync(socketPath, 0o600)
  return {
    publicLine: `${type} ${blob.toString('base64')}`,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** A signature as SSH writes it: the algorithm, then its own form (RFC 4253 6.6, RFC 5656 3.1.2, RFC 8332, RFC 8709). */
function signatureOf(key: KeyObject, type: string, octets: Buffer, flags: number): Buffer {
  if (type === 'ssh-ed25519') return Buffer.concat([string(type), string(sign(null, octets, key))])
  if (type === 'ssh-rsa') {
    const hash = flags & rsaFlags.sha512 ? 'sha512' : flags & rsaFlags.sha256 ? 'sha256' : 'sha1'
    const name = { sha512: 'rsa-sha2-512', sha256: 'rsa-sha2-256', sha1: 'ssh-rsa' }[hash]
    return Buffer.concat([string(name), string(sign(hash, octets, key))])
  }
  const hash = { nistp256: 'sha256', nistp384: 'sha384', nistp521: 'sha512' }[type.slice(-8)]
  if (!hash) throw new Error(`no way to sign with ${type}`)
  const pair = sign(hash, octets, { key, dsaEncoding: 'ieee-p1363' })
  const half = pair.length / 2
  return Buffer.concat([
    string(type),
    string(Buffer.concat([mpint(pair.subarray(0, half)), mpint(pair.subarray(half))])),
  ])
}
