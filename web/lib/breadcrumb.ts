import { useEffect } from 'react'
import { create } from 'zustand'

/** What the page below a place is about; null on the place itself. */
export const useHere = create<{ readonly name: string | null }>(() => ({ name: null }))

/** A page below a place says what it is about: the name of the node, of the agent, of the execution. */
export function useBreadcrumb(name: string | null | undefined): void {
  useEffect(() => {
    useHere.setState({ name: name ?? null })
    return () => useHere.setState({ name: null })
  }, [name])
}
