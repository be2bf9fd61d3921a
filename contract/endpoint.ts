import type * as z from 'zod'
import type { ErrorCode } from './errors.ts'
import type { Permission } from './permissions.ts'

/**
 * The shape of one HTTP call. The server mounts it, the client calls it and OpenAPI describes it from this
 * one value. `permission` has no default: `'public'` (no session needed) must be written out.
 */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/api/v1`; parameters as `:name`. */
  readonly path: `/${string}`
  /** One sentence for the API page. */
  readonly summary: string
  readonly permission: Permission | 'public'
  /**
   * Needs a person who proved to be there in the last minutes (`presenceMs` in second-factors.ts); refuses others with
   * `auth.step_up_required`. A token never is.
   */
  readonly stepUp?: true
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** How the body comes, JSON when left out. A form is for programs of others that can send nothing else; bytes of
   * any kind are for those whose signature has to be held against exactly what came. */
  readonly accepts?: 'form' | 'bytes'
  /** The JSON reply, or the media types of a download. */
  readonly reply: z.ZodType | Download
  readonly status?: 200 | 201 | 202 | 204
  /** Codes this call can refuse with, besides those that every call shares. */
  readonly errors?: readonly ErrorCode[]
}

/** A reply that is a file or a stream of text rather than JSON. */
export interface Download {
  readonly download: readonly string[]
}

export type Api = { readonly [feature: string]: { readonly [call: string]: Endpoint } }

export const defineApi = <const A extends Api>(api: A): A => api
export const download = (...mediaTypes: string[]): Download => ({ download: mediaTypes })

export function isDownload(reply: Endpoint['reply']): reply is Download {
  return 'download' in reply
}

type Part<E, K extends 'params' | 'query' | 'body', Direction extends 'in' | 'out'> = E extends {
  readonly [P in K]: infer S extends z.ZodType
}
  ? Direction extends 'out'
    ? { [P in K]: z.output<S> }
    : Record<never, never> extends z.input<S>
      ? { [P in K]?: z.input<S> }
      : { [P in K]: z.input<S> }
  : Record<never, never>

/** What a caller passes: before defaults and coercion. */
export type Input<E extends Endpoint> = Part<E, 'params', 'in'> &
  Part<E, 'query', 'in'> &
  Part<E, 'body', 'in'>
/** What a handler receives: parsed, defaults filled in. */
export type Request<E extends Endpoint> = Part<E, 'params', 'out'> &
  Part<E, 'query', 'out'> &
  Part<E, 'body', 'out'>
/** What comes back: parsed JSON, or the text of a download. */
export type Reply<E extends Endpoint> = E['reply'] extends z.ZodType ? z.output<E['reply']> : string
