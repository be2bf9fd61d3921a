import { create } from 'zustand'
import { createJSONStorage, persist } from 'zustand/middleware'

interface Recent {
  /** Ids of commands, the last one first. */
  readonly ids: readonly string[]
}

const kept = 5

/** What was chosen last. It ends with the tab: what somebody did is nothing to leave on a shared machine. */
export const useRecent = create<Recent>()(
  persist((): Recent => ({ ids: [] }), {
    name: 'carl.recent',
    storage: createJSONStorage(() => sessionStorage),
  }),
)

export function remember(id: string): void {
  useRecent.setState(({ ids }) => ({ ids: [id, ...ids.filter((one) => one !== id)].slice(0, kept) }))
}
