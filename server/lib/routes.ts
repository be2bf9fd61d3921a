import type { Readable } from 'node:stream'
import type { Api, Download, Endpoint, Reply, Request } from '../../contract/endpoint.ts'
import type { Actor } from './actor.ts'

/** What a handler knows of the call besides the parsed request. */
export interface Call<E extends Endpoint = Endpoint> {
  /** Who calls; null only on public endpoints. The permission of the endpoint is checked already. */
  readonly actor: E['permission'] extends 'public' ? null : Actor
  readonly requestId: string
  readonly ip: string
  /** A header of the call, for what comes signed; null when it did not come, or more than once. */
  header(name: string): string | null
  /** Host and port by which the caller reached us; null when it named none. */
  readonly host: string | null
  readonly userAgent: string | null
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  /** The session cookie, for the few endpoints that sign in and out. */
  readonly session: {
    readonly token: string | null
    set(token: string, expiresAt: Date): void
    clear(): void
  }
  /** The cookie of a sign-in that is under way elsewhere; it lasts for minutes. */
  readonly signIn: {
    readonly token: string | null
    set(token: string, maxAgeS: number): void
    clear(): void
  }
  /** The address of this server as the browser has it; null when it named none. */
  readonly origin: string | null
  /** Whom the proxy in front has let in. */
  readonly proxyUser:
    | { readonly kind: 'none' | 'not-believed' }
    | { readonly kind: 'named'; readonly user: string; readonly groups: readonly string[] }
}

/** A file or a stream of text as a reply. */
export interface DownloadReply {
  readonly mediaType: string
  /** Offered to the browser for saving; shown in place when null. */
  readonly fileName: string | null
  readonly body: string | Readable
}

export type HandlerReply<E extends Endpoint> = E['reply'] extends Download ? DownloadReply : Reply<E>

export type Handler<E extends Endpoint> = (
  request: Request<E>,
  call: Call<E>,
) => HandlerReply<E> | Promise<HandlerReply<E>>

/** A handler for each call of an API: what a `routes.ts` returns. */
export type Handlers<A extends Api> = {
  readonly [Feature in keyof A]: { readonly [Name in keyof A[Feature]]: Handler<A[Feature][Name]> }
}
