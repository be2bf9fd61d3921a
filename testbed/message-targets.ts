import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Aedes } from 'aedes'
import { SMTPServer } from 'smtp-server'
import type { Identity } from './certificates.ts'

/** A request as a target of messages got it. */
export interface Heard {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** A real HTTP server that keeps what it is told and answers as the test says; 200 when it says nothing. */
export async function startHttpTarget() {
  const heard: Heard[] = []
  let answer: (reply: ServerResponse) => void = (reply) => reply.end('{"ok":true}')
  const server = createHttpServer((request, reply) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      heard.push({ method, path, headers, body: Buffer.concat(chunks).toString('utf8') })
      answer(reply)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server)
  return {
    heard,
    port,
    url: `http://127.0.0.1:${port}`,
    /** Says how requests are answered from now on. */
    answer: (how: (reply: ServerResponse) => void): void => {
      answer = how
    },
    stop: async (): Promise<void> => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
export type HttpTarget = Awaited<ReturnType<typeof startHttpTarget>>

interface MailTargetOptions {
  /** What it encrypts by: at once, or when it is asked to by STARTTLS. */
  readonly tls?: Identity & { readonly from: 'the-start' | 'starttls' }
  /** The only name and password it takes; anybody when left out. */
  readonly login?: { readonly user: string; readonly password: string }
}

/** A real SMTP server that keeps every mail as it came. It offers no encryption unless it is told by what. */
export async function startMailTarget({ login, tls }: MailTargetOptions = {}) {
  const mails: {
    readonly isEncrypted: boolean
    readonly from: string
    readonly to: readonly string[]
    readonly raw: string
  }[] = []
  let refusal: { code: number } | null = null
  const server = new SMTPServer({
    authOptional: login === undefined,
    ...(tls ? { key: tls.key, cert: tls.cert } : { disabledCommands: ['STARTTLS'] }),
    secure: tls?.from === 'the-start',
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) => {
      const isRight = username === login?.user && password === login?.password
      done(
        isRight ? null : Object.assign(new Error('no'), { responseCode: 535 }),
        isRight ? { user: 1 } : undefined,
      )
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
      stream.on('end', () => {
        if (refusal) return done(Object.assign(new Error('hostile words'), { responseCode: refusal.code }))
        const { mailFrom, rcptTo } = session.envelope
        mails.push({
          isEncrypted: session.secure,
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
        })
        done()
      })
    },
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    mails,
    port: portOf(server.server),
    refuse: (code: number | null): void => {
      refusal = code === null ? null : { code }
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
export type MailTarget = Awaited<ReturnType<typeof startMailTarget>>

/** A real MQTT broker that keeps what was published. */
export async function startBroker({
  password,
  tls,
}: {
  readonly password?: string
  /** What it encrypts by. */
  readonly tls?: Identity
} = {}) {
  const published: { readonly topic: string; readonly payload: string; readonly retain: boolean }[] = []
  const aedes = await Aedes.createBroker({
    authenticate: (_client, _name, given, done) =>
      done(null, password === undefined || given?.toString() === password),
  })
  aedes.on('publish', ({ topic, payload, retain }, client) => {
    if (client) published.push({ topic, payload: payload.toString(), retain })
  })
  const sockets = new Set<Socket>()
  const take = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    aedes.handle(socket)
  }
  const server = tls ? createTlsServer(tls, take) : createServer(take)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    published,
    port: portOf(server),
    stop: async (): Promise<void> => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => aedes.close(resolve))
      server.close()
    },
  }
}
export type TestBroker = Awaited<ReturnType<typeof startBroker>>
