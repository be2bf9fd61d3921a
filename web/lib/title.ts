import { useEffect } from 'react'

/** Says in the title of the window where one is, for tabs, for the history, and for those who hear it first. */
export function useTitle(place: string | undefined): void {
  useEffect(() => {
    document.title = place ? `${place} · Carl` : 'Carl'
  }, [place])
}
