/** As much of the load generator as is used here; it comes without types. */
declare module 'autocannon' {
  interface Options {
    readonly url: string
    readonly connections: number
    readonly amount?: number
    readonly duration?: number
    readonly headers?: Readonly<Record<string, string>>
  }
  interface Result {
    readonly errors: number
    readonly non2xx: number
    readonly requests: { readonly average: number }
  }
  interface Running extends PromiseLike<Result> {
    on(
      event: 'response',
      hear: (client: unknown, status: number, bytes: number, responseMs: number) => void,
    ): unknown
    stop(): void
  }
  export default function autocannon(options: Options): Running
}
