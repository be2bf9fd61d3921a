import type * as z from 'zod'
import type { AppliedDocument, ConfigurationKind } from '../../contract/configuration.ts'
import type { Permission } from '../../contract/permissions.ts'
import type { Actor } from '../lib/actor.ts'

/** Something that another document, or the server, has to have. */
export interface Reference {
  readonly kind: ConfigurationKind
  readonly name: string
}

/** What a document is applied with. */
export interface Work {
  readonly actor: Actor
  /** A secret that came along under this name, such as `channel/ops/url`; undefined when none did. */
  lent(name: string): string | undefined
  /** What a person should know although it is applied. */
  warn(sentence: string): void
}

/** What is there now, against what a document says. */
export type Look = Pick<AppliedDocument, 'change' | 'differences'>

/** One sort of document: how it is read, what there is of it, and how one is applied. */
export interface Kind<Said extends object = object> {
  readonly kind: ConfigurationKind
  /** To see it and to change it. */
  readonly permission: Permission
  /** Changing it asks for a person who has just proved to be there. */
  readonly stepUp: boolean
  /** Strict: an unknown field is a mistake. Without `kind`. */
  readonly shape: z.ZodType<Said>
  /** Null for what there is only one of. */
  nameOf(said: Said): string | null
  /** All there is, as documents say it, in the order that an export has. Secrets are only named. */
  list(): Promise<Said[]>
  /** What has to be there before. */
  needs?(said: Said): readonly Reference[]
  /** Fields that a document left out, where what is there stays rather than a default. */
  over?(before: Said, said: Said): Said
  /** Says what would change, where comparing fields does not say it. `text` is the document as it was written. */
  look?(said: Said, work: Work, text: string): Promise<Look>
  /** Throws what `put` would refuse with and can be told before, such as a secret that did not come along. */
  check?(said: Said, work: Work): Promise<void>
  /** Makes it so. Throws an `AppError` when it cannot. Returns the first password of somebody new. */
  put(said: Said, work: Work, text: string): Promise<string | void>
}

/** A kind among others, whatever its documents look like. */
export const asKind = <Said extends object>(kind: Kind<Said>): Kind => kind as unknown as Kind
