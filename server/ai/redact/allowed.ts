import { wordSet } from './word-set.ts'
/** Which parts of the facts of an agent may leave the server, and by what names texts in them may. Numbers and truth values may. */
export interface AllowedFacts {
  readonly sections: ReadonlySet<string>
  readonly texts: ReadonlySet<string>
}

/** By schema. What is not listed sends no facts, only its findings and what changed. */
const bySchema: Readonly<Record<string, AllowedFacts>> = {
  'system-health/1': {
    sections: wordSet(
      'host disks load services ports updates thermal time network storage certs auth sshd reboot',
    ),
    texts: wordSet(`
  os_id os_version kernel arch mount fstype state failed unit units external chip label level health
  status name proto kind source result
`),
  },
}

const nothing: AllowedFacts = { sections: new Set(), texts: new Set() }

export const allowedOf = (schema: string): AllowedFacts =>
  Object.hasOwn(bySchema, schema) ? (bySchema[schema] ?? nothing) : nothing

/** A name that a program chose; any other is a text that somebody put where a name belongs. */
export const isPlainName = (name: string): boolean => /^[a-z][a-z0-9_]{0,40}$/.test(name)
