import { chmod, link, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { unusable } from '../master-key.ts'

/** How a key lies in the data folder: as it is, or closed with a passphrase. */
export type KeyForm = 'generated' | 'passphrase'

const names: Record<KeyForm, string> = { generated: 'master.key', passphrase: 'passphrase.json' }
export const keyForms = Object.keys(names) as KeyForm[]

/** A key file that is there. */
export interface KeyFile {
  readonly form: KeyForm
  /** The one in use, or the one that a change of the key goes to. */
  readonly slot: 'current' | 'next'
  readonly file: string
  readonly text: string
}

/** Where the key files of a data folder lie. */
export const keyFileOf = (dataFolder: string, form: KeyForm): string => join(dataFolder, 'keys', names[form])

/**
 * The key files of a data folder. Each step is there whole or not at all after a crash, in this order on the disk: the
 * new key is safe before anything is sealed with it, and the old one goes when nothing is any more. `onStep` hears of each step
 * on the disk; a test ends the process there.
 */
export function createKeyFolder(dataFolder: string, onStep: (step: string) => void = () => {}) {
  const folder = join(dataFolder, 'keys')
  const fileOf = (form: KeyForm, slot: KeyFile['slot']): string =>
    `${keyFileOf(dataFolder, form)}${slot === 'next' ? '.next' : ''}`

  /** Reads what is there. Throws `vault.key_unusable` for a file that cannot be read. */
  async function read(): Promise<KeyFile[]> {
    const found: KeyFile[] = []
    for (const slot of ['current', 'next'] as const) {
      for (const form of keyForms) {
        const file = fileOf(form, slot)
        const text = await readIfThere(file)
        if (text !== null) found.push({ form, slot, file, text })
      }
    }
    return found
  }

  /** Writes a key, never over another one in its slot. Throws `vault.key_unusable`. */
  async function write(form: KeyForm, slot: KeyFile['slot'], text: string): Promise<void> {
    const file = fileOf(form, slot)
    await put(file, text, async (fresh) => {
      // Unlike a rename, a link fails when somebody else has made a key meanwhile.
      await link(fresh, file)
      onStep(`linked ${basename(file)}`)
      await rm(fresh)
    })
  }

  /** Makes this the key in use, in the place of the one before, and leaves no other. */
  async function promote(form: KeyForm, text: string): Promise<void> {
    const file = fileOf(form, 'current')
    await put(file, text, (fresh) => rename(fresh, file))
    await keepOnly(form)
  }

  async function put(file: string, text: string, place: (fresh: string) => Promise<void>): Promise<void> {
    const fresh = `${file}.new`
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await chmod(folder, 0o700)
      await rm(fresh, { force: true })
      const handle = await open(fresh, 'wx', 0o600)
      try {
        await handle.writeFile(text)
        await handle.sync()
      } finally {
        await handle.close()
      }
      onStep(`written ${basename(fresh)}`)
      await place(fresh)
      onStep(`placed ${basename(file)}`)
      await syncFolder(folder)
      await syncFolder(dirname(folder))
    } catch (error) {
      throw unusable(`${file} cannot be written`, error)
    }
  }

  /** Removes every key but the one in use of this form. */
  async function keepOnly(form: KeyForm): Promise<void> {
    for (const other of keyForms) {
      await remove(fileOf(other, 'next'))
      if (other !== form) await remove(fileOf(other, 'current'))
    }
    await syncFolder(folder)
  }

  /** Removes a next key that nothing was sealed with. */
  async function removeNext(): Promise<void> {
    for (const form of keyForms) await remove(fileOf(form, 'next'))
  }

  const remove = async (file: string): Promise<void> => {
    await rm(file, { force: true })
    onStep(`removed ${basename(file)}`)
    await rm(`${file}.new`, { force: true })
  }

  return { read, write, promote, keepOnly, removeNext }
}
export type KeyFolder = ReturnType<typeof createKeyFolder>

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw unusable(`${file} cannot be read`, error)
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
