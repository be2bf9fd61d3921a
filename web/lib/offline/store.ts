import { basePath } from '../base.ts'

/** A reply of the server, as the dashboard held it. */
export interface KeptReply {
  /** The key of its query as text. */
  readonly hash: string
  readonly key: readonly unknown[]
  readonly reply: unknown
  /** When the server said it, milliseconds since 1970. */
  readonly at: number
  /** Characters of JSON. */
  readonly size: number
}

const replies = 'replies'
const about = 'about'
/** Several dashboards may lie below one origin. */
const name = `carl.kept ${basePath}/`

let opened: Promise<IDBDatabase> | undefined

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const asked = indexedDB.open(name, 1)
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(replies, { keyPath: 'hash' })
      asked.result.createObjectStore(about)
    }
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
  // A private window may say no; the next one tries again.
  opened.catch(() => {
    opened = undefined
  })
  return opened
}

/** Does something with both stores, whole or not at all. Every request of it is made at once or behind another one. */
async function within<Result>(
  mode: IDBTransactionMode,
  work: (stores: { replies: IDBObjectStore; about: IDBObjectStore }) => Result,
): Promise<Result> {
  const transaction = (await open()).transaction([replies, about], mode)
  const result = work({ replies: transaction.objectStore(replies), about: transaction.objectStore(about) })
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })
  return result
}

/** Says whose state is kept from now on. What was somebody else's goes. */
export async function adopt(owner: string): Promise<void> {
  await within('readwrite', (stores) => {
    const asked = stores.about.get('owner')
    asked.onsuccess = () => {
      if (asked.result === owner) return
      stores.replies.clear()
      stores.about.put(owner, 'owner')
    }
  })
}

/** Keeps replies and lets go of others, while the state is still this person's: another tab may have signed out. */
export async function write(
  owner: string,
  { kept, gone }: { readonly kept: readonly KeptReply[]; readonly gone: readonly string[] },
): Promise<void> {
  await within('readwrite', (stores) => {
    const asked = stores.about.get('owner')
    asked.onsuccess = () => {
      if (asked.result !== owner) return
      for (const reply of kept) stores.replies.put(reply)
      for (const hash of gone) stores.replies.delete(hash)
    }
  })
}

/** All that is kept, and whose it is. */
export async function read(): Promise<{ readonly owner: unknown; readonly all: readonly KeptReply[] }> {
  const asked = await within('readonly', (stores) => ({
    owner: stores.about.get('owner'),
    all: stores.replies.getAll(),
  }))
  return { owner: asked.owner.result, all: asked.all.result as KeptReply[] }
}

/** Removes all of it. */
export async function clear(): Promise<void> {
  await within('readwrite', (stores) => {
    stores.replies.clear()
    stores.about.clear()
  })
}
