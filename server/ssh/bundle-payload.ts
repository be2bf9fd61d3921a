import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'

/** One Python module that travels; `agent` is the entry. */
export interface PythonModule {
  readonly name: string
  readonly source: Buffer
}

/** Modules packed for the way: an index line, then the sources, compressed together. */
export interface PackedModules {
  readonly payload: Buffer
  /** SHA-256 of the payload, hex: what the node compares, and what the audit trail names. */
  readonly sha256: string
}

/** Packs modules once, so that thirty launches do not compress thirty times. The same modules give the same bytes. */
export function packModules(modules: readonly PythonModule[]): PackedModules {
  const index = JSON.stringify(modules.map(({ name, source }) => [name, source.length]))
  const payload = deflateSync(
    Buffer.concat([Buffer.from(`${index}\n`), ...modules.map(({ source }) => source)]),
    // Packed once, sent with every run.
    { level: 9, memLevel: 9 },
  )
  return { payload, sha256: createHash('sha256').update(payload).digest('hex') }
}
